"""Decides which rows of the source a pass reads: pure, from what is known to a plan.

Belongs here: the choice between changed rows, compared ids and the sweep of old rows, and the PostgreSQL conditions
that say so. Does not: reading anything (extract.py, old_rows.py).
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import date, timedelta

from warehouse.lake.state import PipelineState
from warehouse.source.merge import midnight, occurred
from warehouse.source.set_aside import with_ids
from warehouse.source.snapshot import Snapshot
from warehouse.source.tables import SourceTable

TAIL_MARGIN_IDS = 50_000
"""Ids below the last seen that are still looked at: a session may draw an id and write its row much later."""

LEAST_ID = -(2**63)
"""The least that an id can be: where the hot range begins while nothing is known."""

_SWEEP_AFTER = timedelta(hours=36)


@dataclass(frozen=True)
class Request:
    """What a pass must do beyond reading what changed.

    `days` are read anew whole and rolled up again, whatever the lake holds of them.
    """

    compare_ids: bool = False
    sweep: bool = False
    days: frozenset[date] = frozenset()


ORDINARY = Request()
"""What every pass does: read what changed."""


@dataclass(frozen=True)
class Plan:
    """What a pass reads. `compare` names the raw tables whose ids are compared with the source's."""

    compare: frozenset[str]
    sweep: bool
    all_ids_compared: bool


def plan_reading(
    state: PipelineState,
    snapshot: Snapshot,
    tables: Iterable[SourceTable],
    request: Request,
    *,
    delete_counters: Mapping[str, int],
    delete_check_seconds: int,
) -> Plan:
    """What to read in this pass.

    1. Ids of every table are compared when asked for, when days are read anew, and every `delete_check_seconds`.
    2. Between, only tables whose counter of deleted rows moved, or that refer to such a table: the counter is a hint
       that may come late.
    3. Old rows are swept when asked for (nightly), or when nobody asked for long.
    """
    sweep = request.sweep or snapshot.as_of - state.swept_at > _SWEEP_AFTER
    due = snapshot.as_of - state.deletes_checked_at >= timedelta(seconds=delete_check_seconds)
    everything = request.compare_ids or bool(request.days) or sweep or due
    compare = {
        table.raw
        for table in tables
        if everything
        or any(
            delete_counters.get(name) != state.delete_counters.get(name)
            for name in (table.name, *table.references.values())
        )
    }
    return Plan(frozenset(compare), sweep, everything)


def changed_since(watermark: int, snapshot: Snapshot, alias: str = "") -> str:
    """The PostgreSQL condition for rows written by transactions that were not finished at a watermark."""
    if not snapshot.reaches(watermark):
        return "true"
    return f"age({alias}xmin) <= age('{watermark % 2**32}'::xid)"


def rows_to_read(
    table: SourceTable,
    state: PipelineState,
    snapshot: Snapshot,
    first_id: int,
    request: Request,
    *,
    everywhere: bool,
    held: Set[int] = frozenset(),
) -> str:
    """The PostgreSQL condition for the rows of a table that a pass reads.

    `first_id` begins the hot range, the least id the raw table holds; the sweep looks `everywhere`. `held` are the ids
    of rows set aside, which are looked at wherever they are.
    """
    condition = changed_since(state.watermark, snapshot)
    if table.occurred_at and not everywhere:
        hot = f"id >= {max(first_id, _tail(table, state, snapshot)) if table.append_only else first_id}"
        condition += f" and ({with_ids(hot, held)})"
    first_day = table.first_day(state.boundaries.raw_from)
    if table.occurred_at and (days := {day for day in request.days if day >= first_day}):
        condition = f"({condition}) or {within_days(table, days)}"
    return condition


def rows_kept(table: SourceTable, first_id: int, since: date, *, everywhere: bool) -> str:
    """The PostgreSQL condition for the rows whose ids the raw table must hold."""
    if table.occurred_at is None:
        return "true"
    condition = occurred(table, f">= {midnight(since)}")
    return condition if everywhere else f"{condition} and id >= {first_id}"


def within_days(table: SourceTable, days: Set[date]) -> str:
    """The PostgreSQL condition for rows of some UTC days; neighbouring days make one range."""
    ranges = [
        f"({occurred(table, f'>= {midnight(first)}')} and {occurred(table, f'< {midnight(last + timedelta(days=1))}')})"
        for first, last in _ranges(days)
    ]
    return f"({' or '.join(ranges) or 'false'})"


def _tail(table: SourceTable, state: PipelineState, snapshot: Snapshot) -> int:
    finished = [tail.ids.get(table.raw, LEAST_ID) for tail in state.tails if tail.xmax <= snapshot.xmin]
    return max(max(finished, default=LEAST_ID), LEAST_ID + TAIL_MARGIN_IDS) - TAIL_MARGIN_IDS


def _ranges(days: Set[date]) -> list[tuple[date, date]]:
    ranges: list[tuple[date, date]] = []
    for day in sorted(days):
        if ranges and ranges[-1][1] + timedelta(days=1) == day:
            ranges[-1] = (ranges[-1][0], day)
        else:
            ranges.append((day, day))
    return ranges
