"""Replaces the rows of some hours in one rollup table.

Belongs here: deleting and writing them, from raw rows or partly from rows that stand. Does not: which hours of which
table (roll_up.py, old_days.py), the statements (families.py). Every function works within the caller's lake
transaction.
"""

from collections.abc import Set

from warehouse.hours import day_of
from warehouse.lake import Connection
from warehouse.rollups.families import ORGANIZATION, Family, days_sql, select_lingering


def replace_slots(lake: Connection, family: Family, slot: str, hours: Set[int], *, raw: str = "lake.raw.") -> None:
    """Replaces the family's rows of some hours (whole days, for slot `day`), computed from the tables `<raw>…`."""
    if hours:
        _replace(lake, f"lake.rollup.{family.name}_{slot}", hours, family.select(lake, slot, hours, raw=raw))


def replace_lingering(lake: Connection, slot: str, hours: Set[int]) -> None:
    """Counts the campaign recipients of some hours anew, which are kept raw longer than all else an hour is made of."""
    if hours:
        table = f"lake.rollup.{ORGANIZATION.name}_{slot}"
        lake.execute(f"create or replace temp table lingering as {select_lingering(lake, slot, hours, table)}")
        _replace(lake, table, hours, "from lingering")


def _replace(lake: Connection, table: str, hours: Set[int], select: str) -> None:
    days = days_sql({day_of(hour) for hour in hours})
    lake.execute(
        f"delete from {table} where day in ({days}) and epoch_us(bucket_at) // 3600000000 in (from touched_hour)"
    )
    lake.execute(f"insert into {table} by name {select}")
