"""The buckets of a time-series: a window cut at the edges of days and hours in somebody's time zone.

Belongs here: intervals, which one suits a window, the edges. Does not: windows (window.py), reading (cover.py).
"""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from warehouse.errors import BadRequestError
from warehouse.lake.state import Boundaries
from warehouse.queries.window import Window, floor, on_kept_edge

MOST_BUCKETS = 2_500
"""Points of one series in an answer: a week of 5 minutes, a quarter of hours."""


class Interval(StrEnum):
    """The length of a bucket; hours and days are those of the zone."""

    FIVE_MINUTES = "5m"
    QUARTER_HOUR = "15m"
    HOUR = "1h"
    SIX_HOURS = "6h"
    DAY = "1d"


_WIDTHS = {
    Interval.FIVE_MINUTES: timedelta(minutes=5),
    Interval.QUARTER_HOUR: timedelta(minutes=15),
    Interval.HOUR: timedelta(hours=1),
    Interval.SIX_HOURS: timedelta(hours=6),
    Interval.DAY: timedelta(days=1),
}
_SENSIBLE = (
    (timedelta(hours=2), Interval.FIVE_MINUTES),
    (timedelta(hours=12), Interval.QUARTER_HOUR),
    (timedelta(days=3), Interval.HOUR),
    (timedelta(days=14), Interval.SIX_HOURS),
)


def interval_for(window: Window, asked: Interval | None, held: Boundaries) -> tuple[Interval, str | None]:
    """The interval that is answered, and a notice where it is not the one that was asked for.

    Without one, the interval gives some 15 to 75 points. Where the window begins among days of which only days are
    left, it is a day. Raises BadRequestError for an interval that would give more than MOST_BUCKETS points.
    """
    if window.start.date() < held.hour_from:
        if asked in (None, Interval.DAY):
            return Interval.DAY, None
        return (
            Interval.DAY,
            f"Of days before {held.hour_from} only whole days are kept: the interval is 1d, not {asked}.",
        )
    if asked is None:
        return next((found for longest, found in _SENSIBLE if window.length <= longest), Interval.DAY), None
    points = window.length // _WIDTHS[asked] + 1
    if points > MOST_BUCKETS:
        allowed = [name.value for name, width in _WIDTHS.items() if window.length // width < MOST_BUCKETS]
        raise BadRequestError(
            f"Parameter 'interval': {asked} makes {points:,} points of this window, more than {MOST_BUCKETS:,}; "
            f"allowed for it: {', '.join(allowed)}."
        )
    return asked, None


def bucket_starts(window: Window, interval: Interval, zone: ZoneInfo, held: Boundaries) -> list[datetime]:
    """The starts of the buckets (UTC, ascending) that a window is cut into; the first is the window's own start.

    Days begin at 00:00 and six hours at 00, 06, 12 and 18 o'clock by the clock of the zone, whatever its offset then.
    A bucket's start lies on an edge that the rollups keep, which for old days is that of the nearest UTC day.
    """
    if window.length == timedelta():
        return []
    edges = _clock_edges if interval in (Interval.SIX_HOURS, Interval.DAY) else _even_edges
    inner = {on_kept_edge(edge, held) for edge in edges(window, interval, zone)}
    return sorted({window.start} | {edge for edge in inner if window.start < edge < window.end})


def _clock_edges(window: Window, interval: Interval, zone: ZoneInfo) -> list[datetime]:
    hours = range(0, 24, _WIDTHS[interval] // timedelta(hours=1))
    first, last = window.start.astimezone(zone).date(), window.end.astimezone(zone).date()
    days = (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))
    return [datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC) for day in days for hour in hours]


def _even_edges(window: Window, interval: Interval, zone: ZoneInfo) -> list[datetime]:
    width, edges, moment = _WIDTHS[interval], [], window.start
    while moment < window.end:
        edges.append(moment)
        offset = _offset(moment, zone)
        later = floor(moment + offset, width) + width - offset
        # Across a change of clocks that is no multiple of the width, edges follow the new clock.
        moved = floor(later + _offset(later, zone), width) - _offset(later, zone)
        moment = moved if moved > moment else moved + width
    return edges


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
