"""Brings rows of one source table into its raw table.

Belongs here: reading rows, telling what really changed, replacing it in the lake, finding what was deleted. Every
function works within the caller's lake transaction and leaves temporary tables behind: `new_<raw>` (rows read),
`moved_<raw>` (rows as they were and as they are now, of all that changed in this pass).
Does not: deciding which rows to read (extract.py) or what a change touches (touched.py).
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import duckdb

from warehouse.lake.connection import Connection
from warehouse.lake.sql import quoted
from warehouse.lake.trouble import source_trouble
from warehouse.source.encoding import UNDECODABLE, all_decodable, is_decodable, may_be_undecodable, text_columns
from warehouse.source.set_aside import UNUSABLE, set_aside, with_ids
from warehouse.source.snapshot import source_rows
from warehouse.source.tables import SourceTable


@dataclass(frozen=True)
class TableReport:
    """Rows of one table in one pass: read from the source, changed in the lake, deleted from it.

    `set_aside` counts those of the rows read that can't be used. `days` says how many of the changed and deleted rows
    each UTC day of a dated table has.
    """

    raw: str
    read: int = 0
    changed: int = 0
    deleted: int = 0
    set_aside: int = 0
    days: Mapping[date, int] = field(default_factory=dict)


class Staged(NamedTuple):
    """Rows read into a temporary table, and how many of them can't be used and were set aside."""

    read: int
    unusable: int


def stage_where(
    lake: Connection,
    schema: str,
    table: SourceTable,
    where: str,
    *,
    into: str | None = None,
    held: Set[int] = frozenset(),
) -> Staged:
    """Reads the source rows that satisfy a PostgreSQL condition into `new_<raw>`, or another temporary table.

    Rows that can't be used are set aside; of `held`, the rows set aside before, those that are read are judged anew.
    """
    query = f'select {_read_at_source(lake, table)} from "{schema}"."{table.name}" where {where}'
    _read(lake, f"create or replace temp table fetched as from postgres_query('src', {quoted(query)})", table)
    name = into or f"new_{table.raw}"
    if not held and not _one(lake, "select count(*) from fetched"):
        # Of most tables a pass has nothing to read, and to plan what would be kept of a row takes longer than to look.
        lake.execute(f"create or replace temp table {name} as from lake.raw.{table.raw} limit 0")
        return Staged(0, 0)
    staged = _stage(lake, name, table, "fetched", held=held, tells_undecodable=UNDECODABLE in query)
    lake.execute("drop table fetched")
    return staged


def stage_before(lake: Connection, schema: str, table: SourceTable, before: date, *, into: str) -> Staged:
    """Reads all rows older than a UTC day into a temporary table, in parallel."""
    where = occurred(table, f"< {midnight(before)}")
    if may_be_undecodable(lake):
        return stage_where(lake, schema, table, where, into=into)
    return _stage(lake, into, table, f'src."{schema}"."{table.name}"', where=where)


def load(lake: Connection, schema: str, table: SourceTable, since: date) -> int:
    """Reads a source table (its rows since a UTC day, if they are dated) into its empty raw table.

    Rows that can't be used are set aside. Returns how many rows were read.
    """
    source = f'src."{schema}"."{table.name}"'
    if may_be_undecodable(lake) or any(column.at_source for column in table.columns.values()):
        where = occurred(table, f">= {midnight(since)}") if table.occurred_at else "true"
        read = stage_where(lake, schema, table, where).read
    elif table.occurred_at is None:
        read = _stage(lake, f"new_{table.raw}", table, source).read
    else:
        return _load_dated(lake, schema, table, source, since)
    lake.execute(f"insert into lake.raw.{table.raw} by name from new_{table.raw}")
    return read


def _load_dated(lake: Connection, schema: str, table: SourceTable, source: str, since: date) -> int:
    """Streams the rows straight into files; what can't be used goes to a day of its own, NULL, that is then emptied."""
    raw = f"lake.raw.{table.raw}"
    select = f"select {_projection(table)} from {source} where {occurred(table, f'>= {midnight(since)}')}"
    read = _count(
        _read(
            lake,
            f"insert into {raw} by name select * exclude ({UNUSABLE}) "
            f"replace (case when {UNUSABLE} is null then day end as day) from ({select})",
            table,
        )
    )
    unusable = {int(row[0]) for row in lake.execute(f"select id from {raw} where day is null").fetchall()}
    if unusable:
        lake.execute(f"delete from {raw} where day is null")
        stage_where(lake, schema, table, with_ids("false", unusable))
    return (
        read + stage_where(lake, schema, table, occurred(table, "is null")).read
        if _may_be_empty(lake, schema, table)
        else read
    )


def start_moving(lake: Connection, table: SourceTable) -> None:
    """Makes `moved_<raw>` empty: no row of this table has changed yet in this pass."""
    lake.execute(f"create or replace temp table moved_{table.raw} as from lake.raw.{table.raw} limit 0")


def merge(lake: Connection, table: SourceTable, since: date) -> int:
    """Replaces in the raw table what differs in `new_<raw>`; returns how many rows changed.

    Rows that happened before `since` do not stay raw. Applying the same rows twice changes nothing.
    """
    raw, new, moved = f"lake.raw.{table.raw}", f"new_{table.raw}", f"moved_{table.raw}"
    keeps = f"day >= date '{since}'" if table.occurred_at else "true"
    lake.execute(
        f"""
        create or replace temp table changed as
        select *, {keeps} as is_kept from (from {new} except from {raw} where id in (select id from {new}))
        """
    )
    if not _one(lake, "select count(*) from changed"):
        return 0
    lake.execute(f"create or replace temp table before as from {raw} where id in (select id from changed)")
    lake.execute(f"insert into {moved} from before")
    if _one(lake, "select count(*) from before"):
        lake.execute(f"delete from {raw} where id in (select id from before)")
    lake.execute(f"insert into {raw} by name select * exclude (is_kept) from changed where is_kept")
    lake.execute(f"insert into {moved} by name select * exclude (is_kept) from changed where is_kept")
    return _one(lake, "select count(*) from changed where is_kept or id in (select id from before)")


def drop_unusable(lake: Connection, table: SourceTable) -> int:
    """Takes rows out of the raw table that have been set aside since; returns how many."""
    raw = f"lake.raw.{table.raw}"
    gone = f"id in (select id from lake.meta.set_aside where raw = '{table.raw}')"
    dropped = _one(lake, f"select count(*) from {raw} where {gone}")
    if dropped:
        lake.execute(f"insert into moved_{table.raw} from {raw} where {gone}")
        lake.execute(f"delete from {raw} where {gone}")
    return dropped


def reconcile(lake: Connection, schema: str, table: SourceTable, condition: str, since: date) -> tuple[int, int]:
    """Makes the ids (and references) of the raw table those of the source rows that satisfy a PostgreSQL condition.

    Counts and sums are compared first: only where these differ are the ids themselves read.
    Returns (deleted here, missed before or otherwise, and now merged).
    """
    raw = f"lake.raw.{table.raw}"
    rows = f'from "{schema}"."{table.name}" where {condition}'
    compared = ", ".join(("id", *table.references))
    sums = ", ".join(f"coalesce(sum({name}), 0)::varchar as {name}" for name in ("id", *table.references))
    count = quoted(f"select count(*) as n, {sums} {rows}")
    in_source = _read(lake, f"from postgres_query('src', {count})", table).fetchone()
    in_lake = lake.execute(f"select count(*), {sums} from {raw}").fetchone()
    if in_source == in_lake:
        return 0, 0
    ids = quoted(f"select {compared} {rows}")
    _read(lake, f"create or replace temp table source_id as from postgres_query('src', {ids})", table)
    lake.execute(f"create or replace temp table gone as select id from {raw} except select id from source_id")
    lake.execute(f"insert into moved_{table.raw} from {raw} where id in (from gone)")
    deleted = _one(lake, "select count(*) from gone")
    if deleted:
        lake.execute(f"delete from {raw} where id in (from gone)")
    other = lake.execute(f"from source_id except select {compared} from {raw}").fetchall()
    missed = [str(row[0]) for row in other]
    if missed:
        stage_where(lake, schema, table, f"id = any('{{{','.join(missed)}}}')")
        merge(lake, table, since)
    return deleted, len(missed)


def loaded_by_day(lake: Connection, table: SourceTable) -> dict[date, int]:
    """How many rows of the raw table each UTC day has; nothing for a table that is not dated."""
    return _by_day(lake, table, f"select day, count(*) from lake.raw.{table.raw} group by day order by day")


def moved_by_day(lake: Connection, table: SourceTable) -> dict[date, int]:
    """How many rows of each UTC day changed in this pass; nothing for a table that is not dated."""
    return _by_day(lake, table, f"select day, count(distinct id) from moved_{table.raw} group by day order by day")


def occurred(table: SourceTable, comparison: str) -> str:
    """A condition on the source column by which a table's rows are dated, for PostgreSQL and DuckDB alike."""
    (source_column,) = table.columns[str(table.occurred_at)].reads
    return f'"{source_column}" {comparison}'


def midnight(day: date) -> str:
    """The first moment of a UTC day, as a literal of PostgreSQL and DuckDB alike."""
    return f"timestamptz '{day} 00:00:00+00'"


def _stage(
    lake: Connection,
    name: str,
    table: SourceTable,
    source: str,
    *,
    where: str = "true",
    held: Set[int] = frozenset(),
    tells_undecodable: bool = False,
) -> Staged:
    projection = _projection(table, tells_undecodable=tells_undecodable)
    _read(lake, f"create or replace temp table {name} as select {projection} from {source} where {where}", table)
    row = lake.execute(f"select count(*), count({UNUSABLE}) from {name}").fetchone()
    read, unusable = row or (0, 0)
    if unusable or held:
        set_aside(lake, table, name, held)
    lake.execute(f"alter table {name} drop column {UNUSABLE}")
    return Staged(int(read), int(unusable))


def _projection(table: SourceTable, *, tells_undecodable: bool = False) -> str:
    unusable = table.unusable
    if tells_undecodable:
        unusable = f"coalesce(case when {UNDECODABLE} then 'a text of it is no UTF-8' end, {unusable})"
    kept = [f"({column.keep})::{column.type} as {name}" for name, column in table.columns.items()]
    if table.occurred_at:
        kept.append(f"({table.columns[table.occurred_at].keep})::date as day")
    return ", ".join([*kept, f"{unusable} as {UNUSABLE}"])


def _read_at_source(lake: Connection, table: SourceTable) -> str:
    texts = text_columns(table) if may_be_undecodable(lake) else frozenset()
    read = [
        f'case when {is_decodable(name)} then "{name}" end as "{name}"' if name in texts else _at_source(table, name)
        for name in table.reads
    ]
    return ", ".join([*read, *([f"not ({all_decodable(texts)}) as {UNDECODABLE}"] if texts else [])])


def _may_be_empty(lake: Connection, schema: str, table: SourceTable) -> bool:
    """Whether the column by which rows are dated may be NULL: the platform's own tables forbid it."""
    (column,) = table.columns[str(table.occurred_at)].reads
    query = f"""
        select count(*) from pg_attribute
        where attrelid = '"{schema}"."{table.name}"'::regclass and attname = '{column}' and not attnotnull
    """
    return bool(source_rows(lake, query)[0][0])


def _at_source(table: SourceTable, name: str) -> str:
    special = next((c.at_source for c in table.columns.values() if c.at_source and c.reads == (name,)), None)
    return f'{special} as "{name}"' if special else f'"{name}"'


def _read(lake: Connection, sql: str, table: SourceTable) -> Connection:
    try:
        return lake.execute(sql)
    except duckdb.Error as error:
        raise source_trouble(error, table.name) from None


def _by_day(lake: Connection, table: SourceTable, sql: str) -> dict[date, int]:
    return dict(lake.execute(sql).fetchall()) if table.occurred_at else {}


def _one(lake: Connection, sql: str) -> int:
    return _count(lake.execute(sql))


def _count(result: Connection) -> int:
    row = result.fetchone()
    return int(row[0]) if row else 0
