"""Replaces the rollups of what messages belong to: campaigns and e-mail jobs, and the texts their recipients failed by.

Belongs here: the rows of subjects that were touched. Does not: which were (source/touched.py), days older than their
recipients are kept raw (old_days.py). Every function works within the caller's lake transaction.
"""

from collections.abc import Set
from datetime import date

from warehouse.lake.connection import Connection
from warehouse.lake.sql import as_json
from warehouse.lake.state import Boundaries
from warehouse.rollups.families import SUBJECTS
from warehouse.source.tables import BY_RAW

TOUCHED_FAILURES = "select channel, coalesce(template, '') as template from touched_recipient where state = 'failed'"
"""The channels and texts of the failed campaign recipients that `replace_subjects` saw last."""


def replace_subjects(lake: Connection, recipients: str, touched: Set[int], held: Boundaries) -> dict[str, set[date]]:
    """Replaces the rows of some subjects, named by the raw table of their recipients, since its first day.

    Returns the days that each table has rows of now.
    """
    if not touched:
        return {}
    subjects = [subject for subject in SUBJECTS if subject.recipients == recipients]
    since = max(BY_RAW[recipients].first_day(held.raw_from), held.day_from)
    key = subjects[0].key
    lake.execute(
        """create or replace temp table touched_id as select unnest(from_json(?, '["bigint"]')) as id""",
        [as_json(touched)],
    )
    rows = subjects[0].recipient_rows(f"r.{key} in (from touched_id) and r.created_at >= timestamp '{since}'")
    lake.execute(f"create or replace temp table touched_recipient as {rows}")
    for subject in subjects:
        table = f"lake.rollup.{subject.name}_day"
        lake.execute(f"delete from {table} where {key} in (from touched_id) and day >= date '{since}'")
        lake.execute(f"insert into {table} by name {subject.select_from('from touched_recipient')}")
    return {f"{subject.name}_day": _days(lake, failed_only=subject.sums == ("failed",)) for subject in subjects}


def _days(lake: Connection, *, failed_only: bool) -> set[date]:
    where = "where state = 'failed'" if failed_only else ""
    return {
        row[0] for row in lake.execute(f"select distinct created_at::date from touched_recipient {where}").fetchall()
    }
