"""A span of time and the rollup that answers it.

Belongs here: named ranges, their bounds, the choice of the finest rollup that still holds them. Does not: SQL.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from warehouse.state import Boundaries


class Range(StrEnum):
    """The named windows: `today` since 00:00 UTC, the others back from the moment the figures stand for."""

    TODAY = "today"
    LAST_24_HOURS = "24h"
    LAST_7_DAYS = "7d"
    LAST_30_DAYS = "30d"


_LENGTHS = {
    Range.LAST_24_HOURS: timedelta(hours=24),
    Range.LAST_7_DAYS: timedelta(days=7),
    Range.LAST_30_DAYS: timedelta(days=30),
}


@dataclass(frozen=True)
class Window:
    """From `start` (included) to `end` (excluded), both UTC on a bucket's edge, read from rollups `<family>_<slot>`."""

    start: datetime
    end: datetime
    slot: str


def window_of(name: Range, as_of: datetime, held: Boundaries) -> Window:
    """The window of a named range that ends with the bucket in which `as_of` lies.

    Its start is cut to a bucket's edge: 5 minutes where 5-minute rollups hold it whole, else hours, else days.
    """
    start = as_of - _LENGTHS[name] if name in _LENGTHS else datetime.combine(as_of.date(), time(), tzinfo=UTC)
    if start.date() >= held.five_minute_from:
        return _cut(start, as_of, "5m", timedelta(minutes=5))
    if start.date() >= held.hour_from:
        return _cut(start, as_of, "hour", timedelta(hours=1))
    return _cut(start, as_of, "day", timedelta(days=1))


def _cut(start: datetime, as_of: datetime, slot: str, width: timedelta) -> Window:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return Window(
        start=epoch + (start - epoch) // width * width,
        end=epoch + ((as_of - epoch) // width + 1) * width,
        slot=slot,
    )
