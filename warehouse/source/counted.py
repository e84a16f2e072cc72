"""Which rows older than the raw window the rollups count, by id, so that a row that comes late is counted once.

Belongs here: remembering the ids as unbroken runs, and telling late rows: older than the daily tables, and not yet in
the lifetime rows. Does not: adding them to these (rollups/old_days.py). Every function works within the caller's lake
transaction, on the temporary tables `staged_<raw>`.
"""

from collections.abc import Mapping, Set
from datetime import date

from warehouse.lake.connection import Connection
from warehouse.lake.sql import days_sql


def find_late(lake: Connection, raw: str, day_from: date) -> str:
    """The condition for the staged rows older than `day_from`, the first daily row, that no lifetime row counts."""
    lake.execute(
        f"""
        create or replace temp table counted_{raw} as
        select s.id
        from staged_{raw} s
        join lake.meta.counted c on s.id >= c.first_id and s.id <= c.last_id
        where c.raw = '{raw}' and c.day < date '{day_from}' and s.day < date '{day_from}'
        """
    )
    return f"(day < date '{day_from}' and id not in (from counted_{raw}))"


def remember_staged(lake: Connection, new: Mapping[str, str], days: Set[date]) -> None:
    """Remembers the staged rows of `days`, in place of what was known of them, and those that a condition calls new."""
    listed = days_sql(days)
    lake.execute(f"delete from lake.meta.counted where day in ({listed})")
    _remember(lake, {raw: f"staged_{raw} where day in ({listed}) or {where}" for raw, where in new.items()})


def remember_leaving(lake: Connection, first_days: Mapping[str, date]) -> None:
    """Remembers the raw rows that are to leave the raw window, whose first day is given by raw table."""
    _remember(lake, {raw: f"lake.raw.{raw} where day < date '{day}'" for raw, day in first_days.items()})


def _remember(lake: Connection, rows: Mapping[str, str]) -> None:
    every = " union all ".join(f"select '{raw}' as raw, day, id from {of_table}" for raw, of_table in rows.items())
    lake.execute(
        f"""
        insert into lake.meta.counted
        select raw, day, min(id), max(id)
        from (select *, id::hugeint - row_number() over (partition by raw, day order by id) as run from ({every}))
        group by raw, day, run
        order by raw, day, min(id)
        """
    )
