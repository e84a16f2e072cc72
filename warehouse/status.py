"""How far the warehouse has come, and whether there is anything new to read.

Belongs here: small reads that sensors, health checks and people ask often. Does not: figures (queries/).
"""

from dataclasses import dataclass, field
from datetime import date, datetime

import psycopg

from warehouse.errors import SourceUnavailableError, WarehouseEmptyError
from warehouse.lake.connection import Connection, connect_warehouse, open_lake, transaction
from warehouse.lake.state import Boundaries, PipelineState, find_state, read_state
from warehouse.lake.tally import Tally
from warehouse.settings import Settings

PASSES_BEHIND = 3
"""Passes after which rollups that stand still are a fault."""


@dataclass(frozen=True)
class Status:
    """`as_of` is the source snapshot the raw tables stand for, `rolled_up_as_of` the one the rollups do (both UTC).

    `passes_behind` counts the passes whose rows are not all rolled up, `rollup_trouble` says why; `set_aside` counts
    the source rows that can't be used, and `first_set_aside` names one of them and why. `tally` is what all passes
    together have done.
    """

    as_of: datetime
    rolled_up_as_of: datetime | None
    watermark: int
    passes: int
    pending_hours: int
    boundaries: Boundaries
    passes_behind: int = 0
    rollup_trouble: str = ""
    set_aside: int = 0
    first_set_aside: str = ""
    tally: Tally = field(default_factory=Tally)

    @property
    def is_behind(self) -> bool:
        """Whether the rollups have stood still for longer than a pass that was killed or a short trouble explains."""
        return self.passes_behind > PASSES_BEHIND


def read_status(settings: Settings) -> Status:
    """The warehouse's status. Raises WarehouseEmptyError when nothing has been loaded yet."""
    with open_lake(settings, read_only=True) as lake, transaction(lake):
        return status_of(lake)


def status_of(lake: Connection) -> Status:
    """The status of a lake that is open. Raises WarehouseEmptyError when nothing has been loaded yet."""
    return status_in(read_state(lake))


def status_in(state: PipelineState) -> Status:
    """The status that a state tells of. Pure."""
    pending = state.pending
    return Status(
        as_of=state.as_of,
        rolled_up_as_of=state.rolled_up_as_of,
        watermark=state.watermark,
        passes=state.passes,
        pending_hours=len(pending.channel_hours | pending.organization_hours | pending.contact_hours),
        boundaries=state.boundaries,
        passes_behind=0 if pending.is_empty() else state.passes - state.rolled_up_at_pass,
        rollup_trouble=state.rollup_trouble,
        set_aside=state.set_aside,
        first_set_aside=state.first_set_aside,
        tally=state.tally,
    )


def latest_snapshot(settings: Settings) -> int | None:
    """The number of the lake's latest snapshot, by a look into its catalog; None when there is no lake yet.

    Raises WarehouseUnavailableError.
    """
    with connect_warehouse(settings, autocommit=True) as warehouse:
        if warehouse.execute("select to_regclass('public.ducklake_snapshot')").fetchone() == (None,):
            return None
        row = warehouse.execute("select max(snapshot_id) from public.ducklake_snapshot").fetchone()
    return int(row[0]) if row and row[0] is not None else None


def days_held(lake: Connection) -> dict[str, tuple[date, ...]]:
    """The UTC days of which each table has rows, by `raw.<table>` or `rollup.<table>`; none where there are no days."""
    tables = lake.execute(
        """
        select schema_name || '.' || table_name, bool_or(column_name = 'day')
        from duckdb_columns()
        where database_name = 'lake' and schema_name in ('raw', 'rollup')
        group by 1 order by 1
        """
    ).fetchall()
    return {
        name: tuple(row[0] for row in lake.execute(f"select distinct day from lake.{name} order by day").fetchall())
        if is_dated
        else ()
        for name, is_dated in tables
    }


def source_moved(settings: Settings) -> bool:
    """Whether a transaction has begun or ended to write in the source since the last pass; True when nothing is loaded.

    A look at one snapshot: no table is touched. Raises SourceUnavailableError.
    """
    try:
        with open_lake(settings, read_only=True) as lake, transaction(lake):
            state = find_state(lake)
    except WarehouseEmptyError:
        return True
    if state is None or not state.pending.is_empty():
        return True
    return moved_since(settings, state.source_snapshot)


def moved_since(settings: Settings, source_snapshot: str) -> bool:
    """The same since a snapshot of the source that the caller knows. Raises SourceUnavailableError."""
    try:
        with psycopg.connect(settings.required("source_url"), connect_timeout=10) as source:
            row = source.execute("select pg_current_snapshot()::text").fetchone()
    except psycopg.Error as error:
        raise SourceUnavailableError(
            f"The operational database can't be reached with CORBI_SOURCE_URL: {str(error).strip()}"
        ) from error
    return row is None or row[0] != source_snapshot
