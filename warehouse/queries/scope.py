"""Whose figures are asked for, and what may be read for them.

Belongs here: the organization as a type of its own, and the lake as one organization may see it. A query names tables
only through the fragments of `OrganizationLake`, each of which holds that organization's rows and no other, so no query
can be written that reads without one. Does not: the queries, and who may ask (api/access/identity.py).
"""

import re
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from warehouse.errors import BadRequestError, WarehouseEmptyError
from warehouse.lake.connection import Connection, LakeReaders
from warehouse.lake.sql import statement
from warehouse.lake.state import Boundaries, find_state
from warehouse.settings import Settings
from warehouse.status import Status, status_of

_TABLE = re.compile(r"\{(rollup|raw)\.([a-z0-9_]+)\}")
_UNSCOPED = re.compile(r"\blake\s*\.|\bducklake_|\bread_\w+\s*\(|\bquery(_table)?\s*\(", re.IGNORECASE)

_THROUGH = {
    "raw.email_recipient": ("email_job", "email_job_id"),
    "raw.earlier_email_recipient": ("email_job", "email_job_id"),
    "raw.campaign_recipient": ("campaign", "campaign_id"),
}
"""Tables whose rows belong to an organization through another's, and the column that leads there."""

_OF_NOBODY = frozenset({"rollup.failure_reason"})
"""Tables that say nothing about an organization: what a masked text means."""

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Organization:
    """The one organization a query reads. Raises BadRequestError for a number that can't be an id."""

    id: int

    def __post_init__(self) -> None:
        if self.id < 1:
            raise BadRequestError(f"An organization's id is a positive number; given: {self.id}")


@dataclass(frozen=True)
class OrganizationLake:
    """One organization's rows in one lake snapshot.

    `as_of` is the moment of the source's snapshot that the rollups stand for (UTC), `held` what each layer still holds,
    `empty` the names of tables without a row.
    """

    organization: Organization
    snapshot: int
    as_of: datetime
    held: Boundaries
    empty: frozenset[str] = field(repr=False)
    _lake: Connection = field(repr=False)

    def rows(
        self, name: str, values: Mapping[str, object] | None = None, fragments: Mapping[str, str] | None = None
    ) -> Rows:
        """The rows of `warehouse/queries/<name>.sql`, its `$…` bound to `values`.

        Raises ValueError for a text that names a table otherwise than by a fragment, such as `{rollup.channel_hour}`.
        """
        return self._lake.execute(self._text(name, fragments), dict(values or {})).fetchall()

    def frame(self, name: str, fragments: Mapping[str, str] | None = None) -> pl.DataFrame:
        """The same as a frame, of a query without values: with them DuckDB would take four times as long."""
        return pl.DataFrame(self._lake.sql(self._text(name, fragments)))

    def _text(self, name: str, fragments: Mapping[str, str] | None) -> str:
        return scoped(statement("warehouse.queries", name, fragments), self.organization, self.empty)


class OrganizationLakes:
    """The lake of a process, opened when it is first used; what it gives out is always one organization's."""

    def __init__(self, settings: Settings) -> None:
        # Each read is small, and many are made at the same time: sharing one among threads costs more than it gains.
        self._readers = LakeReaders(settings.model_copy(update={"duckdb_threads": 1}))
        self._latest: tuple[int, datetime, Boundaries, frozenset[str]] | None = None

    def close(self) -> None:
        """Closes the lake; the next use opens it again."""
        self._readers.close()

    @contextmanager
    def of(self, organization: Organization) -> Iterator[OrganizationLake]:
        """All that is read in the block is of one organization and one lake snapshot.

        Raises WarehouseEmptyError before the first load has been rolled up, WarehouseUnavailableError.
        """
        with self._readers.reader() as lake:
            yield OrganizationLake(organization, *self._at(lake), lake)

    def as_of(self) -> datetime:
        """The moment that figures stand for (UTC). Raises as `of` does."""
        with self._readers.reader() as lake:
            return self._at(lake)[1]

    def status(self) -> Status:
        """How far the warehouse has come. Raises as `of` does."""
        with self._readers.reader() as lake:
            return status_of(lake)

    def _at(self, lake: Connection) -> tuple[int, datetime, Boundaries, frozenset[str]]:
        """The transaction's snapshot and what is true in it; read from the lake once a snapshot."""
        row = lake.execute("from ducklake_current_snapshot('lake')").fetchone()
        snapshot = int(row[0]) if row else 0
        latest = self._latest
        if latest is None or latest[0] != snapshot:
            latest = self._latest = (snapshot, *_read_state(lake), _empty_tables(lake))
        return latest


def scoped(sql: str, organization: Organization, empty: Set[str] = frozenset()) -> str:
    """A query's text, each table fragment replaced by the organization's rows of that table.

    Of a table in `empty` the text asks for no row: DuckLake takes 10 to 20 ms to find that there is none.

    Raises ValueError for a text that names a table in any other way.
    """
    unscoped = _UNSCOPED.search(re.sub(r"--[^\n]*|'[^']*'", "", sql))
    if unscoped:
        raise ValueError(f"A query names its tables as {{rollup.…}} or {{raw.…}}; this one says {unscoped[0]!r}.")
    return _TABLE.sub(
        lambda found: (
            f"(select * from lake.{found[1]}.{found[2]} where false)"
            if found[2] in empty
            else _rows_of(f"{found[1]}.{found[2]}", organization)
        ),
        sql,
    )


def _rows_of(table: str, organization: Organization) -> str:
    if table in _OF_NOBODY:
        return f"lake.{table}"
    is_its = f"organization_id = {organization.id:d}"
    if table in _THROUGH:
        owner, key = _THROUGH[table]
        return f"(select * from lake.{table} where {key} in (select id from lake.raw.{owner} where {is_its}))"
    return f"(select * from lake.{table} where {is_its})"


def _empty_tables(lake: Connection) -> frozenset[str]:
    """Tables without a file; no name stands in two schemas, and rows are nowhere but in files (lake/layout.py)."""
    rows = lake.execute("select table_name from ducklake_table_info('lake') where file_count = 0").fetchall()
    return frozenset(name for (name,) in rows)


def _read_state(lake: Connection) -> tuple[datetime, Boundaries]:
    state = find_state(lake)
    if state is None:
        raise WarehouseEmptyError(
            "Nothing has been loaded yet: run `corbi-monitoring refresh`, or wait for the first pass."
        )
    if state.rolled_up_as_of is None:
        raise WarehouseEmptyError("The first load is not rolled up yet: wait for the pass to end.")
    return state.rolled_up_as_of, state.boundaries
