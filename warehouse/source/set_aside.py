"""Rows that can't be used: kept by table and id with the reason, in no figure, until the source row is mended or gone.

Belongs here: taking them out of what was read, remembering them, and looking at them again. Does not: what is wrong
with a value (usable.py). Every function works within the caller's lake transaction.
"""

from collections.abc import Collection, Iterable, Mapping

from warehouse.lake.connection import Connection
from warehouse.source.snapshot import source_rows
from warehouse.source.tables import BY_RAW, SourceTable

UNUSABLE = "unusable"
"""The column of a table just staged that says what is wrong with a row."""


def held_ids(lake: Connection) -> dict[str, frozenset[int]]:
    """The ids of the rows set aside, by raw table."""
    rows = lake.execute("select raw, list(id) from lake.meta.set_aside group by raw").fetchall()
    return {str(raw): frozenset(ids) for raw, ids in rows}


def set_aside(lake: Connection, table: SourceTable, staged: str, held: Iterable[int] = ()) -> None:
    """Takes the rows that can't be used out of a staged table, and remembers them.

    Of `held`, the rows set aside before, those that were read again are judged anew.
    """
    mine = f"raw = '{table.raw}'"
    if known := _listed(held):
        again = f"id in ({known}) and id in (select id from {staged})"
        lake.execute(f"delete from lake.meta.set_aside where {mine} and {again}")
    lake.execute(
        f"insert into lake.meta.set_aside select '{table.raw}', id, {UNUSABLE} from {staged} "
        f"where {UNUSABLE} is not null and id not in (select id from lake.meta.set_aside where {mine})"
    )
    lake.execute(f"delete from {staged} where {UNUSABLE} is not null")


def forget_gone(lake: Connection, schema: str, table: SourceTable) -> frozenset[int]:
    """Forgets the rows set aside that the source has no more; returns the ids of those that it has."""
    held = held_ids(lake).get(table.raw, frozenset())
    if not held:
        return held
    query = f'select id from "{schema}"."{table.name}" where {with_ids("false", held)}'
    there = frozenset(int(str(row[0])) for row in source_rows(lake, query))
    if gone := _listed(held - there):
        lake.execute(f"delete from lake.meta.set_aside where raw = '{table.raw}' and id in ({gone})")
    return there


def summary(lake: Connection) -> tuple[int, str]:
    """How many rows are set aside, and the first of them in words ('' where there is none)."""
    row = lake.execute("select count(*), min((raw, id, reason)) from lake.meta.set_aside").fetchone()
    if not row or not row[0]:
        return 0, ""
    raw, row_id, reason = row[1].values() if isinstance(row[1], Mapping) else row[1]
    return int(row[0]), f"{BY_RAW[raw].name} id {row_id}: {reason}"


def with_ids(condition: str, ids: Collection[int]) -> str:
    """A PostgreSQL condition that some rows satisfy too, whatever else it says."""
    return f"({condition}) or id = any('{{{_listed(ids)}}}')" if ids else condition


def without_ids(condition: str, ids: Collection[int]) -> str:
    """A PostgreSQL condition that some rows don't satisfy, whatever else it says."""
    return f"({condition}) and id <> all('{{{_listed(ids)}}}')" if ids else condition


def _listed(ids: Iterable[int]) -> str:
    return ",".join(map(str, sorted(ids)))
