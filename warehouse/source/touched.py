"""What merged rows touch: the hours, campaigns and e-mail jobs whose rollups must be recomputed.

Belongs here: from `moved_<raw>` (rows as they were and as they are) to keys of rollups.
Does not: recomputing them (rollups/).
"""

import re
from collections.abc import Iterable, Set
from datetime import date

from warehouse.lake.connection import Connection
from warehouse.lake.hours import hours_of
from warehouse.lake.sql import days_sql, statements
from warehouse.lake.state import Pending
from warehouse.source.tables import BY_RAW

_TOTALS = ("contact", "campaign", "email_job")
_MOVED = re.compile(r"\bmoved_(\w+)")
_TABLES = (
    "touched (what varchar, key bigint)",
    "touched_email (email_job_id bigint, hour bigint)",
    # campaign recipients whose e-mail counts otherwise now
    "touched_pair (campaign_id bigint, contact_id bigint)",
)
_FOUND = """
    select distinct what, key from (
        from touched
        union all
        select unnest(['channel_hours', 'organization_hours']), hour from touched_email
        union all
        select 'email_jobs', email_job_id from touched_email
        union all
        select 'campaigns', campaign_id from touched_pair
    )
    where key is not null
"""
_HOURS_OF_PAIRS = """
    insert into touched
    select 'organization_hours', epoch_us(created_at) // 3600000000
    from lake.raw.campaign_recipient join touched_pair using (campaign_id, contact_id)
"""


def touched(lake: Connection, moved: set[str]) -> Pending:
    """What the rows in `moved_<raw>` touch, for the raw tables named in `moved`."""
    if not moved:
        return Pending()
    texts = [sql for sql in statements("warehouse.source", "touched") if moved.intersection(_MOVED.findall(sql))]
    return _touched(lake, moved, texts)


def everything_loaded(lake: Connection) -> Pending:
    """What a first load touches: every hour, campaign and e-mail job that has rows."""
    for table in BY_RAW:
        lake.execute(f"create or replace temp view moved_{table} as from lake.raw.{table}")
    try:
        # What a row touches through another's is touched by that other itself.
        texts = [sql for sql in statements("warehouse.source", "touched") if "lake.raw." not in sql]
        return _touched(lake, set(BY_RAW), texts)
    finally:
        for table in BY_RAW:
            lake.execute(f"drop view moved_{table}")


def _touched(lake: Connection, moved: set[str], texts: Iterable[str]) -> Pending:
    for table in _TABLES:
        lake.execute(f"create or replace temp table {table}")
    for sql in texts:
        lake.execute(sql)
    if lake.execute("select 1 from touched_pair limit 1").fetchone():
        lake.execute(_HOURS_OF_PAIRS)
    found: dict[str, set[int]] = {}
    for what, key in lake.execute(_FOUND).fetchall():
        found.setdefault(what, set()).add(key)
    return Pending(totals=bool(moved.intersection(_TOTALS)), **found)


def everything_in(lake: Connection, days: Set[date], raw_from: date) -> Pending:
    """What the raw rows of some UTC days touch, changed or not: their rollups are recomputed all the same."""
    days = {day for day in days if day >= raw_from}
    if not days:
        return Pending()
    hours = hours_of(days)
    return subjects_in(lake, days).merged(
        Pending(channel_hours=hours, organization_hours=hours, contact_hours=hours, totals=True)
    )


def subjects_in(lake: Connection, days: Set[date]) -> Pending:
    """The campaigns and e-mail jobs that have raw recipients of some UTC days."""
    campaigns, email_jobs = (
        {
            int(row[0])
            for row in lake.execute(
                f"select distinct {key} from lake.raw.{raw} where day in ({days_sql(days)}) and {key} is not null"
            ).fetchall()
        }
        for key, raw in (("campaign_id", "campaign_recipient"), ("email_job_id", "email_recipient"))
    )
    return Pending(campaigns=campaigns, email_jobs=email_jobs)
