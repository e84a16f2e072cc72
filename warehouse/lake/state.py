"""What the warehouse knows of itself: how far it has read, what is still to be rolled up, what each table still holds.

Belongs here: that record, its place in the lake, reading and replacing it. It changes in the same lake transaction as
the rows it speaks of, so that a kill leaves both or neither. Does not: deciding what it should become.
"""

import json
from datetime import date, datetime
from typing import Any

import duckdb
from pydantic import BaseModel, ConfigDict

from warehouse.errors import WarehouseEmptyError, WarehouseUnavailableError
from warehouse.lake.connection import Connection
from warehouse.lake.tally import Tally

SCHEMA_VERSION = 4

NEVER_READ = -(2**62)
"""A watermark with which every row counts as written since."""


class Boundaries(BaseModel):
    """The first UTC day each layer still holds; retention moves them."""

    raw_from: date
    five_minute_from: date
    hour_from: date
    day_from: date


class Pending(BaseModel):
    """What was touched by rows merged but not yet rolled up. Hours are counted from 1970-01-01 00:00 UTC."""

    channel_hours: set[int] = set()
    organization_hours: set[int] = set()
    contact_hours: set[int] = set()
    campaigns: set[int] = set()
    email_jobs: set[int] = set()
    totals: bool = False

    def is_empty(self) -> bool:
        """Whether nothing waits to be rolled up."""
        return self == Pending()

    def merged(self, other: "Pending") -> "Pending":
        """What either touches."""
        return Pending(
            channel_hours=self.channel_hours | other.channel_hours,
            organization_hours=self.organization_hours | other.organization_hours,
            contact_hours=self.contact_hours | other.contact_hours,
            campaigns=self.campaigns | other.campaigns,
            email_jobs=self.email_jobs | other.email_jobs,
            totals=self.totals or other.totals,
        )


class Tail(BaseModel):
    """The highest ids seen in append-only tables by a pass before which no transaction above `xmax` had begun."""

    xmax: int
    ids: dict[str, int]


class PipelineState(BaseModel):
    """One row in `lake.meta.state`.

    `watermark` is the oldest transaction that was still in progress in the last pass's snapshot, `xmax` the first that
    had not begun; `delete_counters` are the source's own counts of deleted rows, a hint that ids must be compared.
    `first_ids` are ids that no raw row is below, by raw table; looked up where it is empty.
    `source_snapshot` is the whole snapshot, `source_identity` and `source_timeline` say which database it was of.
    `rolled_up_at_pass` is the last pass after which nothing waited, `rollup_trouble` why something does. `set_aside`
    counts the source rows that can't be used and `first_set_aside` names one. `is_counted_known` is False in a lake of
    an older layout until a sweep has taken what it found older than the daily rows for counted. `tally` is what all
    passes together have done.
    """

    model_config = ConfigDict(frozen=True)

    schema_version: int = SCHEMA_VERSION
    as_of: datetime
    rolled_up_as_of: datetime | None = None
    watermark: int
    xmax: int
    source_snapshot: str = ""
    source_identity: str = ""
    source_timeline: int = 0
    sweep_watermark: int
    swept_at: datetime
    deletes_checked_at: datetime
    delete_counters: dict[str, int] = {}
    tails: tuple[Tail, ...] = ()
    first_ids: dict[str, int] = {}
    boundaries: Boundaries
    pending: Pending = Pending()
    passes: int = 0
    rolled_up_at_pass: int = 0
    rollup_trouble: str = ""
    set_aside: int = 0
    first_set_aside: str = ""
    is_counted_known: bool = True
    compacted_at_pass: int = 0
    rules_version: str = ""
    tally: Tally = Tally()

    def changed(self, **values: object) -> "PipelineState":
        """This state with some values replaced."""
        return self.model_copy(update=values)

    def rolled_up(self) -> "PipelineState":
        """This state once nothing waits: the rollups stand for its moment."""
        return self.changed(
            pending=Pending(), rolled_up_as_of=self.as_of, rolled_up_at_pass=self.passes, rollup_trouble=""
        )


def stored_state(lake: Connection, snapshot: int | None = None) -> dict[str, Any] | None:
    """The state as it is stored, of whatever layout, or None in a lake that nothing was loaded into yet.

    It is the state of the transaction's snapshot, or of an earlier `snapshot`.
    """
    version = "" if snapshot is None else f" at (version => {snapshot:d})"
    try:
        # DuckDB's own list of schemas would look into every database attached, the source's too.
        row = lake.execute(f"select value from lake.meta.state{version}").fetchone()
    except duckdb.CatalogException:
        return None
    stored: dict[str, Any] | None = json.loads(row[0]) if row else None
    return stored


def find_state(lake: Connection) -> PipelineState | None:
    """The state, or None in a lake that nothing was loaded into yet.

    Raises WarehouseUnavailableError for a lake of another layout, saying what to do.
    """
    return state_of(stored_state(lake))


def state_of(stored: dict[str, Any] | None) -> PipelineState | None:
    """A state from how it is stored. Raises as `find_state` does."""
    if stored is None:
        return None
    version = stored.get("schema_version", 0)
    if version > SCHEMA_VERSION:
        raise WarehouseUnavailableError(
            f"The lake has layout {version}, made by a newer version of Corbi Monitoring; this one knows layouts up to "
            f"{SCHEMA_VERSION}: install the newer version again."
        )
    if version < SCHEMA_VERSION:
        raise WarehouseUnavailableError(
            f"The lake has layout {version}, this version of Corbi Monitoring needs {SCHEMA_VERSION}: the next pass "
            "brings it up to date (`corbi-monitoring refresh`)."
            if version >= 2
            else f"The lake has layout {version}, which is too old to be brought up to date: run `corbi-monitoring "
            "refresh --reload`, which loads it anew from the source and says before what it would lose."
        )
    return PipelineState.model_validate(stored)


def read_state(lake: Connection) -> PipelineState:
    """The state. Raises WarehouseEmptyError in a lake that nothing was loaded into yet."""
    state = find_state(lake)
    if state is None:
        raise WarehouseEmptyError(
            "Nothing has been loaded yet: run `corbi-monitoring refresh`, or wait for the first pass."
        )
    return state


def write_state(lake: Connection, state: PipelineState) -> None:
    """Replaces the state within the caller's lake transaction."""
    lake.execute("delete from lake.meta.state")
    lake.execute("insert into lake.meta.state values (?)", [state.model_dump_json()])
