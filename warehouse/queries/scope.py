"""Whose figures are asked for, and what may be read for them.

Belongs here: the organization as a type of its own, and the lake as one organization may see it. A query names tables
only through the fragments of `OrganizationLake`, each of which holds that organization's rows and no other, so no query
can be written that reads without one. Does not: the queries, the lake of a process (lakes.py), and who may ask
(api/access/identity.py).
"""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from warehouse.errors import BadRequestError
from warehouse.lake.connection import Connection
from warehouse.lake.sql import statement
from warehouse.lake.state import Boundaries

_TABLE = re.compile(r"\{((?:rollup|raw)\.[a-z0-9_]+)\}")
_UNSCOPED = re.compile(r"\b(lake|held)\s*\.|\bducklake_|\bread_\w+\s*\(|\bquery(_table)?\s*\(", re.IGNORECASE)

_THROUGH = {
    "raw.email_recipient": ("raw.email_job", "email_job_id"),
    "raw.earlier_email_recipient": ("raw.email_job", "email_job_id"),
    "raw.campaign_recipient": ("raw.campaign", "campaign_id"),
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
    `in_memory` the tables that are read from the process's memory (lake/held.py).
    """

    organization: Organization
    snapshot: int
    as_of: datetime
    held: Boundaries
    in_memory: Set[str] = field(repr=False)
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
        sql = statement("warehouse.queries", name, fragments)
        return scoped(sql, self.organization, self.snapshot, self.in_memory)


def scoped(sql: str, organization: Organization, snapshot: int, in_memory: Set[str] = frozenset()) -> str:
    """A query's text, each table fragment replaced by the organization's rows of that table in a lake snapshot.

    Raises ValueError for a text that names a table in any other way.
    """
    unscoped = _UNSCOPED.search(re.sub(r"--[^\n]*|'[^']*'", "", sql))
    if unscoped:
        raise ValueError(f"A query names its tables as {{rollup.…}} or {{raw.…}}; this one says {unscoped[0]!r}.")

    def place(table: str) -> str:
        return f"held.{table}" if table in in_memory else f"lake.{table} at (version => {snapshot:d})"

    def rows_of(found: re.Match[str]) -> str:
        table, is_its = found[1], f"organization_id = {organization.id:d}"
        if table in _OF_NOBODY:
            return f"(select * from {place(table)})"
        if table in _THROUGH:
            owner, key = _THROUGH[table]
            is_its = f"{key} in (select id from {place(owner)} where {is_its})"
        return f"(select * from {place(table)} where {is_its})"

    return _TABLE.sub(rows_of, sql)
