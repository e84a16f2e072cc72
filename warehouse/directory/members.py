"""The directory: who belongs to which organization, as what, and by which keys they may call.

Belongs here: copying it from the source's snapshot into the warehouse's own PostgreSQL, whole, at each pass, and
looking people up there. Does not: tokens and what a role may do (api/access/).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg

from warehouse.errors import WarehouseEmptyError
from warehouse.lake.connection import Connection, connect_warehouse
from warehouse.lake.connections import NOTHING_COPIED, Rows, WarehouseConnections
from warehouse.lake.sql import statement, statements
from warehouse.settings import Settings
from warehouse.source.snapshot import source_rows
from warehouse.source.tables import DIRECTORY_READS

_TABLES = {
    "organizations_organization": "directory.organization",
    "organizations_membership": "directory.membership",
    "organizations_apikey": "directory.api_key",
    "auth_user": "directory.person",
}


@dataclass(frozen=True)
class Membership:
    """One organization a person belongs to, and the role there: admin, staff or viewer."""

    organization_id: int
    organization_name: str
    role: str


@dataclass(frozen=True)
class User:
    """Whether a user may sign in, and the organizations they belong to, by id."""

    is_active: bool
    memberships: tuple[Membership, ...]


@dataclass(frozen=True)
class KeyOwner:
    """Whom an active API key speaks for."""

    user_id: int
    organization_id: int


def read_directory(lake: Connection, schema: str) -> dict[str, Rows]:
    """The rows of the four source tables, read in the snapshot of the caller's transaction."""
    return {
        table: source_rows(lake, f'select {", ".join(columns)} from "{schema}"."{table}"')
        for table, columns in DIRECTORY_READS.items()
    }


def write_directory(settings: Settings, people: dict[str, Rows], as_of: datetime) -> None:
    """Replaces the directory in one PostgreSQL transaction; a reader sees the old one or the new one."""
    with connect_warehouse(settings) as connection:
        for sql in statements("warehouse.directory", "directory"):
            connection.execute(sql)
        for table, rows in people.items():
            _replace(connection, _TABLES[table], DIRECTORY_READS[table], rows)
        connection.execute("update directory.copy set as_of = %s", (as_of,))


class Directory:
    """Looks people up.

    Every lookup raises WarehouseUnavailableError when the directory can't be read, and WarehouseEmptyError before the
    first pass has copied it.
    """

    def __init__(self, connections: WarehouseConnections) -> None:
        self._connections = connections

    def find_user(self, user_id: int) -> User | None:
        """The user of this id; None where there is none."""
        rows = self._rows(statement("warehouse.directory", "person"), (user_id,))
        memberships = [
            Membership(int(str(id_)), str(name), str(role)) for _, id_, name, role in rows if id_ is not None
        ]
        return User(bool(rows[0][0]), tuple(memberships)) if rows else None

    def key_owner(self, key: str) -> KeyOwner | None:
        """Whom an API key speaks for, or None when no such key is active."""
        digest = hashlib.sha256(key.encode()).hexdigest()
        rows = self._rows(statement("warehouse.directory", "key_owner"), (digest,))
        return KeyOwner(int(str(rows[0][0])), int(str(rows[0][1]))) if rows else None

    def copied_at(self) -> datetime:
        """The moment of the source's snapshot that the directory stands for."""
        rows = self._rows("select as_of from directory.copy", ())
        if not rows or not isinstance(rows[0][0], datetime):
            raise WarehouseEmptyError(NOTHING_COPIED)
        return rows[0][0]

    def _rows(self, sql: str, values: tuple[object, ...]) -> Rows:
        return self._connections.rows(sql, values)


def _replace(connection: psycopg.Connection, table: str, columns: Sequence[str], rows: Rows) -> None:
    names = ", ".join(columns)
    connection.execute(f"create temp table incoming (like {table}) on commit drop")
    with connection.cursor().copy(f"copy incoming ({names}) from stdin") as copy:
        for row in rows:
            copy.write_row(row)
    # A table that did not change is not written: a pass every few seconds would leave as many dead rows.
    connection.execute(f"delete from {table} where ({names}) not in (select {names} from incoming)")
    connection.execute(f"insert into {table} ({names}) select {names} from incoming except select {names} from {table}")
    connection.execute("drop table incoming")
