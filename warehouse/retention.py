"""How long rows are kept: raw 30 days, 5-minute rollups and hours 90, days 365, and lifetime totals for ever.

Belongs here: the policy as numbers, the plan for a day, carrying it out. Does not: removing files (lake/compaction.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from warehouse.errors import WarehouseBusyError
from warehouse.lake.compaction import compact
from warehouse.lake.connection import Connection, transaction
from warehouse.lake.state import Boundaries, read_state, write_state
from warehouse.refresh import writing_lake
from warehouse.rollups.families import FAMILIES, SUBJECTS
from warehouse.rollups.lifetime import fold_days_before
from warehouse.settings import Settings
from warehouse.source.earlier_emails import keep_leaving
from warehouse.source.old_rows import count_leaving_days
from warehouse.source.tables import SOURCE_TABLES


@dataclass(frozen=True)
class RetentionPolicy:
    """Days each layer is kept."""

    raw_days: int
    five_minute_days: int
    hourly_days: int
    daily_days: int


@dataclass(frozen=True)
class RetentionReport:
    """The first UTC day each layer holds afterwards, and the rows that were (or would be) dropped, by table."""

    boundaries: Boundaries
    rows: dict[str, int] = field(default_factory=dict)
    is_dry_run: bool = False


def retention_policy(settings: Settings) -> RetentionPolicy:
    """The policy the settings describe."""
    return RetentionPolicy(settings.raw_days, settings.five_minute_days, settings.hourly_days, settings.daily_days)


def plan_retention(held: Boundaries, policy: RetentionPolicy, now: datetime) -> Boundaries:
    """The first UTC day each layer keeps from now on. A boundary never moves back: what was dropped is gone."""
    today = now.date()

    def kept(days: int, from_: date) -> date:
        return max(from_, today - timedelta(days=days))

    return Boundaries(
        raw_from=kept(policy.raw_days, held.raw_from),
        five_minute_from=kept(policy.five_minute_days, held.five_minute_from),
        hour_from=kept(policy.hourly_days, held.hour_from),
        day_from=kept(policy.daily_days, held.day_from),
    )


def retain(settings: Settings, *, now: datetime | None = None, dry_run: bool = False) -> RetentionReport:
    """Drops what is older than the policy keeps; days that leave the daily tables are first added to lifetime rows.

    One lake transaction, so a reader sees all of it or nothing and totals never shrink in between. With `dry_run` only
    counts. Rows are as old as they were for the source's clock at the last pass unless `now` is given: a machine whose
    clock is ahead drops nothing early. Raises WarehouseEmptyError, and WarehouseBusyError while merged rows wait to be
    rolled up.
    """
    with writing_lake(settings) as lake:
        with transaction(lake):
            state = read_state(lake)
            kept = plan_retention(state.boundaries, retention_policy(settings), now or state.as_of)
            doomed = {table: _count(lake, table, condition) for table, condition in _doomed(kept)}
            rows = {table: count for table, count in doomed.items() if count}
            if dry_run:
                return RetentionReport(kept, rows, is_dry_run=True)
            if not state.pending.is_empty():
                raise WarehouseBusyError("Merged rows wait to be rolled up: run `corbi-monitoring refresh` first.")
            count_leaving_days(lake, kept)
            keep_leaving(lake, kept)
            fold_days_before(lake, kept.day_from)
            for table, condition in _doomed(kept):
                if table in rows:
                    lake.execute(f"delete from lake.{table} where {condition}")
            write_state(lake, state.changed(boundaries=kept, first_ids={}))
        compact(lake, settings)
    return RetentionReport(kept, rows)


def _doomed(kept: Boundaries) -> Iterator[tuple[str, str]]:
    """Each table and the condition for its rows that are too old."""
    for table in SOURCE_TABLES:
        if table.occurred_at:
            yield f"raw.{table.raw}", f"day < date '{table.first_day(kept.raw_from)}'"
    for family in FAMILIES:
        yield f"rollup.{family.name}_5m", f"day < date '{kept.five_minute_from}'"
        yield f"rollup.{family.name}_hour", f"day < date '{kept.hour_from}'"
        yield f"rollup.{family.name}_day", f"day < date '{kept.day_from}'"
    for subject in SUBJECTS:
        yield f"rollup.{subject.name}_day", f"day < date '{kept.day_from}'"
    yield "meta.old_day", f"day < date '{kept.day_from}'"


def _count(lake: Connection, table: str, condition: str) -> int:
    row = lake.execute(f"select count(*) from lake.{table} where {condition}").fetchone()
    return int(row[0]) if row else 0
