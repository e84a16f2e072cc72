"""The days that each layer of the warehouse shows as partitions.

Belongs here: a window of UTC days a layer, today included, as long as the layer keeps its rows. Does not: which rows
really are there (warehouse/retention.py decides, nightly).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import dagster as dg

from warehouse.settings import Settings


@dataclass(frozen=True)
class Windows:
    """The partitions of each layer of rollups; raw tables have windows of their own (`raw_window`)."""

    five_minute: dg.DailyPartitionsDefinition
    hour: dg.DailyPartitionsDefinition
    day: dg.DailyPartitionsDefinition


def rollup_windows(settings: Settings, today: date) -> Windows:
    """The windows that the settings give the rollups on a certain day."""
    return Windows(
        five_minute=day_window(today, settings.five_minute_days),
        hour=day_window(today, settings.hourly_days),
        day=day_window(today, settings.daily_days),
    )


def raw_window(settings: Settings, today: date, linger_days: int) -> dg.DailyPartitionsDefinition:
    """The window of a raw table that keeps its rows some days longer than the others."""
    return day_window(today, settings.raw_days + linger_days)


def day_window(today: date, days: int) -> dg.DailyPartitionsDefinition:
    """The last `days` whole UTC days and today, as long as definitions stay loaded: the first day stands still.

    Days that have left the window since go when the code location is loaded anew.
    """
    first = datetime.combine(today - timedelta(days=days), datetime.min.time(), UTC)
    return dg.DailyPartitionsDefinition(start_date=first, timezone="UTC", end_offset=1)


def days_of_run(context: dg.AssetExecutionContext) -> tuple[date, date]:
    """The first and the last UTC day of the partitions that a run is for."""
    start, end = context.partition_time_window
    return start.date(), (end - timedelta(microseconds=1)).date()
