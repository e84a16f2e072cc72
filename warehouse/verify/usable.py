"""Which source rows figures may be made of, as PostgreSQL sees it: the documented bounds (docs/source.md) once more.

Belongs here: the condition, which rows of the source break it, and a statement that leaves them out. Does not: what the
extraction makes of such rows (source/usable.py): that is what is to be proved.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from warehouse.lake.connection import Connection
from warehouse.source.encoding import is_decodable, may_be_undecodable, text_columns
from warehouse.source.snapshot import source_rows
from warehouse.source.tables import SOURCE_TABLES, SourceTable
from warehouse.verify.report import Difference

_TIMES = "timestamp with time zone"
_WHOLE = {"INTEGER": (-(2**31), 2**31 - 1), "BIGINT": (-(2**63), 2**63 - 1)}


def broken_tables(lake: Connection, schema: str, as_of: datetime) -> dict[str, tuple[str, int]]:
    """The tables with rows that can't be used: the condition for the usable ones, and how many are not."""
    query = f"""
        select attrelid::regclass::text, attname::text, format_type(atttypid, null)
        from pg_attribute where attnum > 0 and not attisdropped and attrelid in
            (select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = '{schema}')
    """
    types = {(str(table).rpartition(".")[2], str(name)): str(type_) for table, name, type_ in source_rows(lake, query)}
    is_sql_ascii = may_be_undecodable(lake)
    found = {}
    for table in SOURCE_TABLES:
        condition = _usable(table, types, as_of, is_sql_ascii=is_sql_ascii)
        count = f'select count(*) from "{schema}"."{table.name}" where ({condition}) is not true'
        broken = int(str(source_rows(lake, count)[0][0]))
        if broken:
            found[table.name] = (condition, broken)
    return found


def only_usable(sql: str, schema: str, broken: Mapping[str, tuple[str, int]]) -> str:
    """A statement on the source in which the tables with unusable rows have the others only."""
    for name, (condition, _) in broken.items():
        rows = f'(select * from "{schema}"."{name}" where {condition})'

        def replaced(found: re.Match[str], rows: str = rows, name: str = name) -> str:
            return rows + (" as " if found[1] else f" as {name} ")

        sql = re.sub(rf'"{schema}"\.{name}\b( as )?', replaced, sql)
    return sql


def set_aside_differences(lake: Connection, broken: Mapping[str, tuple[str, int]]) -> list[Difference]:
    """Where other rows are set aside than PostgreSQL says can't be used; too many would hide what went wrong."""
    raw = {table.name: table.raw for table in SOURCE_TABLES}
    counted = dict(lake.execute("select raw, count(*) from lake.meta.set_aside group by raw").fetchall())
    return [
        Difference("rows set aside", f"table={name}", "rows", broken.get(name, ("", 0))[1], counted.get(raw[name], 0))
        for name in sorted(raw)
        if broken.get(name, ("", 0))[1] != counted.get(raw[name], 0)
    ]


def _usable(table: SourceTable, types: Mapping[tuple[str, str], str], as_of: datetime, *, is_sql_ascii: bool) -> str:
    latest = as_of + timedelta(days=2)
    parts = ["true"]
    for column in table.columns.values():
        for name in column.reads:
            if types.get((table.name, name)) == _TIMES:
                parts.append(
                    f"(\"{name}\" is null or \"{name}\" between '2000-01-01 00:00+00' and '{latest.isoformat()}')"
                )
            elif column.unusable and column.type in _WHOLE:
                least, most = _WHOLE[column.type]
                parts.append(f'("{name}" is null or "{name}" between {least} and {most})')
    parts += [f'"{name}" is not null' for name in table.needed]
    if is_sql_ascii:
        parts += [is_decodable(name) for name in sorted(text_columns(table))]
    return " and ".join(dict.fromkeys(parts))
