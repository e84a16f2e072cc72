"""Rolls up days that are older than the raw window, from rows staged for just that.

Belongs here: the rollups of the views `old_<raw>`. Does not: which days, and staging their rows (source/old_rows.py).
"""

from collections.abc import Set
from datetime import date

from warehouse.lake.connection import Connection
from warehouse.lake.hours import hours_of
from warehouse.lake.sql import days_sql
from warehouse.lake.state import Boundaries
from warehouse.rollups.families import CHANNEL, FAILURE, ORGANIZATION, SUBJECTS
from warehouse.rollups.lifetime import add_family, add_subject
from warehouse.rollups.reasons import classify_new_templates
from warehouse.rollups.slots import replace_hours
from warehouse.source.tables import BY_RAW

_STAGED = "old_"


def roll_up_old_days(lake: Connection, days: Set[date], boundaries: Boundaries) -> None:
    """Recomputes what the tables still hold of some days, within the caller's lake transaction."""
    older = {day for day in days if day < boundaries.raw_from}
    replace_hours(lake, (CHANNEL, FAILURE), hours_of(older), boundaries, raw=_STAGED)
    replace_hours(lake, (ORGANIZATION,), hours_of(older), boundaries, raw=_STAGED)
    for subject in SUBJECTS:
        first_raw = BY_RAW[subject.recipients].first_day(boundaries.raw_from)
        listed = days_sql(day for day in days if boundaries.day_from <= day < first_raw)
        lake.execute(f"delete from lake.rollup.{subject.name}_day where day in ({listed})")
        rows = subject.recipient_rows(f"r.created_at::date in ({listed})", raw=_STAGED)
        lake.execute(f"insert into lake.rollup.{subject.name}_day by name {subject.select_from(rows)}")
    classify_new_templates(lake)


def add_to_lifetime(lake: Connection) -> None:
    """Adds the rows older than the daily tables that are staged and not yet counted to the lifetime rows.

    Rows counted before are not followed: a lifetime row never shrinks.
    """
    for family in (CHANNEL, FAILURE, ORGANIZATION):
        add_family(lake, family, family.select_late(raw=_STAGED))
    for subject in SUBJECTS:
        rows = subject.recipient_rows("r.is_late", raw=_STAGED)
        add_subject(lake, subject, subject.select_from(rows))
    classify_new_templates(lake)
