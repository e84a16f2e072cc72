"""Tables of one lake snapshot, decoded in the memory of the process that reads them.

Belongs here: filling them, and bringing them to a later snapshot by reading anew the days whose files changed. Does
not: which tables (queries/scope.py), and when (api/serving/going_over.py).

DuckLake takes milliseconds a statement and a fifth of one a file, whatever is in it; a table in memory takes what its
rows take. Which rows of a file are deleted is DuckLake's to know: days are read through it, never its files. What is
held changes in one transaction, so a reader sees one snapshot whole, and the one before until then.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb

from warehouse.errors import CorbiError, LakeDamagedError, TooLittleMemoryError
from warehouse.lake.connection import Connection
from warehouse.lake.connections import WarehouseConnections
from warehouse.lake.sql import days_sql, statement
from warehouse.lake.state import stored_state
from warehouse.lake.trouble import lake_trouble

_ROOM = (
    "attach ':memory:' as held",
    # grain: the one snapshot that is held
    "create table held.main.now (snapshot bigint, state varchar)",
    # grain: a table that is held, and what its rows are made of
    "create table held.main.content (name varchar, content varchar)",
)


@dataclass(frozen=True)
class LakeContent:
    """The lake's latest snapshot, and what each table is made of, those of the fewest bytes first.

    A table's content names its columns' version and its files; rows of two contents that are alike are alike.
    """

    snapshot: int
    tables: Mapping[str, str]


@dataclass(frozen=True)
class Held:
    """What is held, as a transaction sees it: of which snapshot, the state in it as it is stored, which tables."""

    snapshot: int
    state: str
    tables: frozenset[str]


class TableNotHeldError(CorbiError):
    """A table can't be read into memory, others may be; `table` names it."""

    def __init__(self, table: str, told: str) -> None:
        super().__init__(told)
        self.table = table


def make_room(lake: Connection) -> None:
    """Prepares a process's DuckDB for held tables; nothing is held yet."""
    for sql in _ROOM:
        lake.execute(sql)


def find_held(lake: Connection) -> Held | None:
    """What is held, None where nothing is; the first read of a transaction decides of which snapshot."""
    sql = "select snapshot, state, (select list(name) from held.main.content) from held.main.now"
    row = lake.execute(sql).fetchone()
    return Held(row[0], row[1], frozenset(row[2] or ())) if row else None


def read_content(connections: WarehouseConnections, named: Collection[str]) -> LakeContent:
    """What the lake is made of at its latest snapshot: rollups, tables that are `named` (`raw.contact`), empty ones.

    Raises WarehouseUnavailableError, and WarehouseEmptyError before the first pass.
    """
    rows: Any = connections.rows(statement("warehouse.lake", "held_content"), (list(named),))
    return LakeContent(rows[0][0], {name: content for _, name, _, content in rows})


def hold(lake: Connection, latest: LakeContent, most_bytes: int, *, but: Collection[str] = ()) -> None:
    """Brings what is held to a snapshot, within the caller's transaction: the tables `but` some, the smallest first.

    Those that there is no room for are read from the lake. Raises TableNotHeldError where one can't be read.
    """
    known = dict(lake.execute("from held.main.content").fetchall())
    is_full = False
    for name, content in latest.tables.items():
        if is_full or name in but:
            _let_go(lake, name)
        elif known.get(name) != content:
            _bring(lake, name, latest.snapshot, json.loads(known.get(name, "{}")), json.loads(content))
            lake.execute("delete from held.main.content where name = ?", [name])
            lake.execute("insert into held.main.content values (?, ?)", [name, content])
            is_full = _bytes(lake) > most_bytes
            if is_full:
                _let_go(lake, name)
    for name in known.keys() - latest.tables.keys():
        _let_go(lake, name)
    state = json.dumps(stored_state(lake, latest.snapshot))
    lake.execute("delete from held.main.now")
    lake.execute("insert into held.main.now values (?, ?)", [latest.snapshot, state])


def _bring(lake: Connection, name: str, snapshot: int, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Reads what changed of a table between two contents."""
    days = _changed_days(before["files"], now["files"]) if before.get("shape") == now["shape"] else None
    rows = f"from lake.{name} at (version => {snapshot})"
    try:
        if days is None:
            lake.execute(f"create schema if not exists held.{name.partition('.')[0]}")
            lake.execute(f"create or replace table held.{name} as {rows}")
        elif days:
            within = f"where day in ({days_sql(days)})"
            lake.execute(f"delete from held.{name} {within}")
            lake.execute(f"insert into held.{name} {rows} {within}")
    except duckdb.Error as error:
        trouble = lake_trouble(error)
        if isinstance(trouble, LakeDamagedError | TooLittleMemoryError):
            raise TableNotHeldError(name, str(trouble)) from error
        raise


def _changed_days(before: dict[str, Any], now: dict[str, Any]) -> set[date] | None:
    """The days of files that are in one content alone; None where a file doesn't say its days."""
    changed = [(before | now)[path] for path in before.keys() ^ now.keys()]
    if any(None in days for days in changed):
        return None
    return {day for first, last in changed for day in _days(first, last)}


def _days(first: str, last: str) -> Iterator[date]:
    start = date.fromisoformat(first)
    return (start + timedelta(n) for n in range((date.fromisoformat(last) - start).days + 1))


def _let_go(lake: Connection, name: str) -> None:
    lake.execute(f"drop table if exists held.{name}")
    lake.execute("delete from held.main.content where name = ?", [name])


def _bytes(lake: Connection) -> int:
    row = lake.execute("select sum(memory_usage_bytes) from duckdb_memory() where tag = 'IN_MEMORY_TABLE'").fetchone()
    return int(row[0] or 0) if row else 0
