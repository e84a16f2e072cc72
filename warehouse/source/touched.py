"""What merged rows touch: the hours, campaigns and e-mail jobs whose rollups must be recomputed.

Belongs here: from `moved_<raw>` (rows as they were and as they are) to keys of rollups.
Does not: recomputing them (rollups/).
"""

from collections.abc import Set
from datetime import date

from warehouse.lake.connection import Connection
from warehouse.lake.hours import hours_of
from warehouse.lake.sql import statements
from warehouse.lake.state import Pending

_TOTALS = ("contact", "campaign", "email_job")


def touched(lake: Connection, moved: set[str]) -> Pending:
    """What the rows in `moved_<raw>` touch, for the raw tables named in `moved`."""
    if not moved:
        return Pending()
    *told_elsewhere, channel, organization, contact, campaign, email_job = statements("warehouse.source", "touched")
    for sql in told_elsewhere:
        lake.execute(sql)
    channel_hours, organization_hours, contact_hours, campaigns, email_jobs = (
        {int(row[0]) for row in lake.execute(sql).fetchall() if row[0] is not None}
        for sql in (channel, organization, contact, campaign, email_job)
    )
    return Pending(
        channel_hours=channel_hours,
        organization_hours=organization_hours,
        contact_hours=contact_hours,
        campaigns=campaigns,
        email_jobs=email_jobs,
        totals=bool(moved.intersection(_TOTALS)),
    )


def everything_loaded(lake: Connection) -> Pending:
    """What a first load touches: every hour, campaign and e-mail job that has rows."""
    for table in _raw_tables(lake):
        lake.execute(f"create or replace temp view moved_{table} as from lake.raw.{table}")
    try:
        return touched(lake, set(_TOTALS))
    finally:
        for table in _raw_tables(lake):
            lake.execute(f"drop view moved_{table}")


def everything_in(lake: Connection, days: Set[date], raw_from: date) -> Pending:
    """What the raw rows of some UTC days touch, changed or not: their rollups are recomputed all the same."""
    days = {day for day in days if day >= raw_from}
    if not days:
        return Pending()
    hours = hours_of(days)
    listed = ", ".join(f"date '{day}'" for day in sorted(days))
    campaigns, email_jobs = (
        {
            int(row[0])
            for row in lake.execute(f"select distinct {key} from lake.raw.{raw} where day in ({listed})").fetchall()
        }
        for key, raw in (("campaign_id", "campaign_recipient"), ("email_job_id", "email_recipient"))
    )
    return Pending(
        channel_hours=hours,
        organization_hours=hours,
        contact_hours=hours,
        campaigns=campaigns,
        email_jobs=email_jobs,
        totals=True,
    )


def _raw_tables(lake: Connection) -> list[str]:
    rows = lake.execute(
        "select table_name from duckdb_tables() where database_name = 'lake' and schema_name = 'raw'"
    ).fetchall()
    return [str(row[0]) for row in rows]
