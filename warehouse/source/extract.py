"""Extraction: brings the raw tables to the state of one snapshot of the operational database.

Belongs here: the order of a first load and of a pass. Does not: the choice of rows (reading.py), how a table is merged
(merge.py), rows older than the raw window (old_rows.py), rollups. Everything works within the caller's lake
transaction, with the source attached as `src`, so the source is seen at one moment and a kill leaves all or nothing.
"""

import time
from collections.abc import Callable, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from warehouse.lake.connection import Connection
from warehouse.lake.layout import create_layout
from warehouse.lake.state import NEVER_READ, Boundaries, Pending, PipelineState, Tail
from warehouse.settings import Settings
from warehouse.source.earlier_emails import keep_staged
from warehouse.source.encoding import note_encoding
from warehouse.source.merge import (
    TableReport,
    drop_unusable,
    load,
    loaded_by_day,
    merge,
    moved_by_day,
    reconcile,
    stage_where,
    start_moving,
)
from warehouse.source.old_rows import changed_old_days, stage_all_old_rows, stage_old_days
from warehouse.source.raw_tables import create_raw_tables
from warehouse.source.reading import LEAST_ID, TAIL_MARGIN_IDS, Plan, Request, plan_reading, rows_kept, rows_to_read
from warehouse.source.set_aside import forget_gone, held_ids, summary, with_ids, without_ids
from warehouse.source.snapshot import Snapshot, check_contract, source_rows, take_snapshot
from warehouse.source.tables import SOURCE_TABLES, SourceTable
from warehouse.source.touched import everything_in, everything_loaded, touched
from warehouse.source.unsubscribes import attribute_all, attribute_touched
from warehouse.source.usable import set_latest

IDS_A_ROW = 100
"""Ids that a sequence may have drawn for each row that is there; where more were, ids are given by hand."""

Progress = Callable[[str], None]
"""Is told in one line what a long step did: rows, bytes, seconds."""


def no_progress(_line: str) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class ExtractReport:
    """What one extraction did; `watermark` is the source transaction (xid8) from which the next one reads.

    `source_snapshot` is the snapshot of the source that it read, as PostgreSQL writes it.
    `set_aside` counts the source rows that can't be used, now and from before; `first_set_aside` names one and why.
    """

    as_of: datetime
    watermark: int
    is_first_load: bool
    is_sweep: bool
    tables: tuple[TableReport, ...]
    old_days: tuple[date, ...]
    seconds: float
    set_aside: int = 0
    first_set_aside: str = ""
    source_snapshot: str = ""

    @property
    def changed(self) -> int:
        """Rows that were inserted, replaced or deleted in the lake."""
        return sum(table.changed + table.deleted for table in self.tables)


def extract(
    lake: Connection, settings: Settings, state: PipelineState | None, request: Request, progress: Progress
) -> tuple[PipelineState, ExtractReport]:
    """Reads one snapshot into the raw tables; returns the state to store with it, and what was done.

    Days older than the raw window that must be recomputed are staged as `old_<raw>` and named in the report.
    Raises SourceUnavailableError, SourceContractBrokenError, SourceResetError; the caller's transaction must then be
    rolled back.
    """
    started = time.monotonic()
    lake.execute("set variable hash_key = ?", [settings.required("hash_key")])
    snapshot = take_snapshot(lake, state)
    set_latest(lake, snapshot.as_of)
    note_encoding(lake, snapshot.encoding)
    if state is not None and state.source_timeline not in (0, snapshot.timeline):
        state, request = _forgetting(state), replace(request, compare_ids=True, sweep=True)
    check_contract(lake, settings.source_schema)
    if state is None:
        new_state, tables, old_days = _first_load(lake, settings, snapshot, progress)
    else:
        new_state, tables, old_days = _pass(lake, settings, state, snapshot, request)
    are_ids_compared = state is None or new_state.deletes_checked_at > state.deletes_checked_at
    were_any = state is None or state.set_aside > 0 or any(table.set_aside for table in tables)
    rows, first = summary(lake) if were_any or are_ids_compared or old_days else (0, "")
    new_state = new_state.changed(
        set_aside=rows,
        first_set_aside=first,
        source_snapshot=snapshot.text,
        source_identity=snapshot.identity,
        source_timeline=snapshot.timeline,
    )
    report = ExtractReport(
        as_of=snapshot.as_of,
        watermark=snapshot.xmin,
        is_first_load=state is None,
        is_sweep=state is not None and new_state.swept_at > state.swept_at,
        tables=tuple(tables),
        old_days=tuple(sorted(old_days)),
        seconds=time.monotonic() - started,
        set_aside=rows,
        first_set_aside=first,
        source_snapshot=snapshot.text,
    )
    return new_state, report


def _first_load(
    lake: Connection, settings: Settings, snapshot: Snapshot, progress: Progress
) -> tuple[PipelineState, list[TableReport], set[date]]:
    create_layout(lake)
    create_raw_tables(lake)
    schema = settings.source_schema
    boundaries = _first_boundaries(settings, snapshot.as_of)
    sizes = _table_sizes(lake, schema)
    reports = []
    for table in SOURCE_TABLES:
        started = time.monotonic()
        rows = load(lake, schema, table, table.first_day(boundaries.raw_from))
        days = loaded_by_day(lake, table)
        reports.append(TableReport(table.raw, read=rows, changed=rows, days=days))
        seconds, mebibytes = time.monotonic() - started, sizes.get(table.name, 0) / 2**20
        progress(f"loaded {table.name}: {rows:,} rows of a table of {mebibytes:,.0f} MiB in {seconds:.1f} s")
    old_days = stage_all_old_rows(lake, schema, boundaries)
    if old_days:
        progress(f"read {len(old_days):,} older days, {min(old_days)} to {max(old_days)}, to be rolled up")
    keep_staged(lake, old_days)
    attribute_all(lake)
    state = PipelineState(
        as_of=snapshot.as_of,
        watermark=snapshot.xmin,
        xmax=snapshot.xmax,
        sweep_watermark=snapshot.xmin,
        swept_at=snapshot.as_of,
        deletes_checked_at=snapshot.as_of,
        delete_counters=_delete_counters(lake, schema),
        tails=(_tail(lake, snapshot),),
        boundaries=boundaries,
        pending=everything_loaded(lake),
        passes=1,
    )
    return state, reports, old_days


def _pass(
    lake: Connection, settings: Settings, state: PipelineState, snapshot: Snapshot, request: Request
) -> tuple[PipelineState, list[TableReport], set[date]]:
    schema, boundaries = settings.source_schema, state.boundaries
    counters = _delete_counters(lake, schema)
    plan = plan_reading(
        state,
        snapshot,
        SOURCE_TABLES,
        request,
        delete_counters=counters,
        delete_check_seconds=settings.delete_check_seconds,
    )
    held = held_ids(lake) if state.set_aside else {}
    first_ids = state.first_ids or _first_ids(lake)
    reports = [
        _pass_table(
            lake, schema, table, state=state, snapshot=snapshot, request=request, plan=plan,
            first_id=first_ids.get(table.raw, LEAST_ID), held=held.get(table.raw, frozenset()),
        )
        for table in SOURCE_TABLES
    ]  # fmt: skip
    moved = {report.raw for report in reports if report.changed or report.deleted}
    if moved:
        attribute_touched(lake, schema, {report.raw for report in reports if report.read or report.deleted})
    old_days = {day for day in request.days if boundaries.day_from <= day < boundaries.raw_from}
    if plan.sweep:
        old_days |= changed_old_days(lake, schema, state, snapshot)
    if old_days:
        stage_old_days(lake, schema, boundaries, old_days, is_counted_known=state.is_counted_known)
    pending = state.pending.merged(touched(lake, moved))
    if old_days:
        pending = pending.merged(keep_staged(lake, old_days)).merged(Pending(totals=True))
    new_state = state.changed(
        as_of=snapshot.as_of,
        watermark=snapshot.xmin,
        xmax=snapshot.xmax,
        sweep_watermark=snapshot.xmin if plan.sweep else state.sweep_watermark,
        swept_at=snapshot.as_of if plan.sweep else state.swept_at,
        is_counted_known=state.is_counted_known or plan.sweep,
        deletes_checked_at=snapshot.as_of if plan.all_ids_compared else state.deletes_checked_at,
        delete_counters=counters,
        tails=_tails(state, snapshot, _tail(lake, snapshot)),
        first_ids=_first_ids(lake) if plan.sweep else _lowered(lake, first_ids, moved),
        pending=pending.merged(everything_in(lake, request.days, boundaries.raw_from)),
        passes=state.passes + 1,
    )
    return new_state, reports, old_days


def _pass_table(
    lake: Connection,
    schema: str,
    table: SourceTable,
    *,
    state: PipelineState,
    snapshot: Snapshot,
    request: Request,
    plan: Plan,
    first_id: int,
    held: frozenset[int],
) -> TableReport:
    since = table.first_day(state.boundaries.raw_from)
    start_moving(lake, table)
    where = rows_to_read(table, state, snapshot, first_id, request, everywhere=plan.sweep, held=held)
    is_compared = table.raw in plan.compare
    read, unusable = stage_where(lake, schema, table, with_ids(where, held if is_compared else ()), held=held)
    dropped = drop_unusable(lake, table) if unusable else 0
    changed = merge(lake, table, since) if read else 0
    deleted = missed = 0
    if is_compared:
        held = forget_gone(lake, schema, table) if held or unusable else held
        kept = without_ids(rows_kept(table, first_id, since, everywhere=plan.sweep), held)
        deleted, missed = reconcile(lake, schema, table, kept, since)
    days = moved_by_day(lake, table) if changed or deleted or missed or dropped else {}
    return TableReport(
        table.raw,
        read=read + missed,
        changed=changed + missed + dropped,
        deleted=deleted,
        set_aside=unusable,
        days=days,
    )


def _first_ids(lake: Connection) -> dict[str, int]:
    """The least id that each raw table of dated rows holds."""
    dated = [table.raw for table in SOURCE_TABLES if table.occurred_at]
    found = lake.execute(" union all ".join(f"select '{raw}', min(id) from lake.raw.{raw}" for raw in dated)).fetchall()
    return {raw: first for raw, first in found if first is not None}


def _lowered(lake: Connection, first_ids: dict[str, int], moved: Set[str]) -> dict[str, int]:
    """The same after a pass in which rows of some tables moved."""
    lowest = {raw: _one(lake, f"select min(id) from moved_{raw}") for raw in sorted(moved)}
    return first_ids | {raw: min(id_, first_ids.get(raw, id_)) for raw, id_ in lowest.items()}


def _forgetting(state: PipelineState) -> PipelineState:
    """The state with which every row is read again: a history that was taken up anew may lack what was read of it."""
    return state.changed(watermark=NEVER_READ, sweep_watermark=NEVER_READ, tails=())


def _first_boundaries(settings: Settings, as_of: datetime) -> Boundaries:
    today = as_of.date()
    return Boundaries(
        raw_from=today - timedelta(days=settings.raw_days),
        five_minute_from=today - timedelta(days=settings.five_minute_days),
        hour_from=today - timedelta(days=settings.hourly_days),
        day_from=today - timedelta(days=settings.daily_days),
    )


def _tails(state: PipelineState, snapshot: Snapshot, newest: Tail) -> tuple[Tail, ...]:
    """The newest tail all of whose transactions have finished, and those that wait for theirs."""
    finished = [tail for tail in state.tails if tail.xmax <= snapshot.xmin]
    waiting = [tail for tail in state.tails if tail.xmax > snapshot.xmin]
    return (*finished[-1:], *waiting[-20:], newest)


def _tail(lake: Connection, snapshot: Snapshot) -> Tail:
    # Where ids are not drawn from one growing sequence, the last one says nothing of those to come.
    is_dense = f"max(id)::hugeint - min(id) <= {IDS_A_ROW} * count(*) + {TAIL_MARGIN_IDS}"
    last = f"case when {is_dense} then max(id) else min(id) end"
    ids = {
        table.raw: _one(lake, f"select coalesce({last}, {LEAST_ID}) from lake.raw.{table.raw}")
        for table in SOURCE_TABLES
        if table.append_only
    }
    return Tail(xmax=snapshot.xmax, ids=ids)


def _delete_counters(lake: Connection, schema: str) -> dict[str, int]:
    query = f"""
        select relname::text as name, n_tup_del as deleted from pg_stat_user_tables where schemaname = '{schema}'
    """
    return {str(name): int(str(deleted)) for name, deleted in source_rows(lake, query)}


def _table_sizes(lake: Connection, schema: str) -> dict[str, int]:
    query = f"""
        select c.relname::text as name, pg_table_size(c.oid) as bytes
        from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = '{schema}' and c.relkind = 'r'
    """
    return {str(name): int(str(size)) for name, size in source_rows(lake, query)}


def _one(lake: Connection, sql: str) -> int:
    row = lake.execute(sql).fetchone()
    return int(row[0]) if row else 0
