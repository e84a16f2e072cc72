"""Replaces the rollups of some hours: 5-minute rows from raw rows, hours from these, days from hours.

Belongs here: the way up from raw rows to days, and the rows that are replaced on it. Does not: which hours
(roll_up.py, old_days.py), the statements (families.py). Every function works within the caller's lake transaction.
"""

from collections.abc import Set
from datetime import date

from warehouse.lake.connection import Connection
from warehouse.lake.hours import day_of, hours_of
from warehouse.lake.sql import days_sql
from warehouse.lake.state import Boundaries
from warehouse.rollups.families import ORGANIZATION, Family, message_counts, select_lingering


def replace_hours(
    lake: Connection, families: tuple[Family, ...], hours: Set[int], held: Boundaries, *, raw: str = "lake.raw."
) -> None:
    """Replaces the families' rows of some hours in every layer that still holds them, from the tables `<raw>…`.

    Days that have left the hourly rows are computed whole, so all their hours are taken for touched.
    """
    recent = {hour for hour in hours if day_of(hour) >= held.hour_from}
    if recent:
        if any(family.counts_messages for family in families):
            lake.execute(f"create or replace temp table message_count as {message_counts(lake, recent, raw)}")
        for family in families:
            _replace_upward(lake, family, recent, held, raw)
    older = {day_of(hour) for hour in hours - recent}
    whole_days = hours_of(day for day in older if day >= held.day_from)
    if whole_days:
        for family in families:
            days = {day_of(hour) for hour in whole_days}
            _replace(lake, f"{family.name}_day", days, family.select(lake, "day", whole_days, raw=raw))


def replace_lingering(lake: Connection, hours: Set[int], held: Boundaries) -> None:
    """Counts the campaign recipients of some hours anew, which are kept raw longer than all else an hour is made of."""
    days = {day_of(hour) for hour in hours}
    layers = (
        ("5m", hours, held.five_minute_from),
        ("hour", hours, held.hour_from),
        ("day", hours_of(days), held.day_from),
    )
    for slot, touched, first in layers:
        kept = {hour for hour in touched if day_of(hour) >= first}
        if kept:
            table = f"{ORGANIZATION.name}_{slot}"
            lake.execute(f"create or replace temp table lingering as {select_lingering(lake, slot, kept, table)}")
            _replace(lake, table, {day_of(hour) for hour in kept}, "from lingering")


def _replace_upward(lake: Connection, family: Family, hours: Set[int], held: Boundaries, raw: str) -> None:
    days = {day_of(hour) for hour in hours}
    fine_days = {day for day in days if day >= held.five_minute_from}
    counted = "from message_count" if family.counts_messages else None
    lake.execute(f"create or replace temp table fresh as {family.select(lake, '5m', hours, raw=raw, counted=counted)}")
    if fine_days:
        _replace(lake, f"{family.name}_5m", fine_days, f"from fresh where day >= date '{held.five_minute_from}'")
    by_hour = "select * replace (date_trunc('hour', bucket_at) as bucket_at) from fresh"
    _replace(lake, f"{family.name}_hour", days, family.merge(by_hour, "bucket_at", "day"))
    listed = days_sql(days)
    by_day = (
        f"select * replace (day::timestamp as bucket_at) from lake.rollup.{family.name}_hour where day in ({listed})"
    )
    lake.execute(f"delete from lake.rollup.{family.name}_day where day in ({listed})")
    lake.execute(f"insert into lake.rollup.{family.name}_day by name {family.merge(by_day, 'bucket_at', 'day')}")


def _replace(lake: Connection, table: str, days: Set[date], select: str) -> None:
    """Replaces the rows of the hours in `touched_hour`, which are of some days."""
    lake.execute(
        f"delete from lake.rollup.{table} "
        f"where day in ({days_sql(days)}) and epoch_us(bucket_at) // 3600000000 in (from touched_hour)"
    )
    lake.execute(f"insert into lake.rollup.{table} by name {select}")
