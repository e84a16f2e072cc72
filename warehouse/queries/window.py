"""A span of time: what was asked for, and what of it the warehouse can answer.

Belongs here: named ranges, bounds in a time zone, the window before a window. Does not: buckets (buckets.py), which
rollups hold a window (cover.py), SQL.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from warehouse.errors import BadRequestError
from warehouse.lake.state import Boundaries

UTC_ZONE = ZoneInfo("UTC")

FINEST = timedelta(minutes=5)
"""The finest bucket there is: every window begins and ends on its edge."""

FIRST_MOMENT, LAST_MOMENT = datetime(1, 2, 1, tzinfo=UTC), datetime(9999, 12, 1, tzinfo=UTC)
"""Between these every moment has a bucket, a day and a clock in every zone; what is asked for beyond means the same."""


class Range(StrEnum):
    """The named windows, all up to the moment the figures stand for.

    24 hours, 7 and 30 days go back from that moment; today, 90 days and 12 months begin at 00:00 in the zone.
    """

    TODAY = "today"
    LAST_24_HOURS = "24h"
    LAST_7_DAYS = "7d"
    LAST_30_DAYS = "30d"
    LAST_90_DAYS = "90d"
    LAST_12_MONTHS = "12m"


_SLIDING = {
    Range.LAST_24_HOURS: timedelta(hours=24),
    Range.LAST_7_DAYS: timedelta(days=7),
    Range.LAST_30_DAYS: timedelta(days=30),
}
_DAYS_BEFORE_TODAY = {Range.TODAY: 0, Range.LAST_90_DAYS: 89, Range.LAST_12_MONTHS: 364}


@dataclass(frozen=True)
class Asked:
    """A window as somebody asks for it: a named range, or [start, end) where naive times are times in the zone."""

    range: Range | None = Range.TODAY
    start: datetime | None = None
    end: datetime | None = None
    zone: ZoneInfo = UTC_ZONE


@dataclass(frozen=True)
class Window:
    """From `start` (included) to `end` (excluded), UTC, on edges that the rollups have; empty when both are the same.

    `notices` say in words where it differs from what was asked for.
    """

    start: datetime
    end: datetime
    notices: tuple[str, ...] = ()

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start


def window_of(asked: Asked, as_of: datetime, held: Boundaries) -> Window:
    """The window that is answered.

    1. It ends with the 5-minute bucket in which `as_of` lies, or earlier: nothing is known of what comes after.
    2. It begins on a 5-minute edge, at or before what was asked for.
    3. Where only hours or UTC days are left, its edges are theirs.
    4. What is older than every day that is kept is left out.
    Raises BadRequestError for a window that ends before it begins, or begins after all that is known.
    """
    latest = _ceiling(as_of, FINEST)
    start, end = _bounds(asked, as_of, latest)
    if start >= end:
        raise BadRequestError(
            f"A window ends after it begins: 'from' is {_text(start)}, 'to' is {_text(end)} "
            f"(figures reach up to {_text(as_of)})."
        )
    notices = []
    oldest = _midnight(held.day_from)
    if start < oldest:
        notices.append(f"Nothing is kept from before {oldest:%Y-%m-%d}: the window begins there.")
    start, end = max(start, oldest), max(end, oldest)
    coarse_start, coarse_end = on_kept_edge(start, held), on_kept_edge(end, held)
    if (coarse_start, coarse_end) != (start, end):
        notices.append(f"{_kept_before(start, held)}: the window is {_text(coarse_start)} to {_text(coarse_end)}.")
    return Window(coarse_start, max(coarse_start, coarse_end), tuple(notices))


def previous_window(window: Window, asked: Asked, held: Boundaries) -> Window | None:
    """The window of the same length before a window (for `today`, the same hours of the day before).

    None where the warehouse doesn't hold all of it: half a window is nothing to compare with.
    """
    start = window.start - window.length
    if asked.range is Range.TODAY:
        start = on_day_before(window.start, asked.zone)
    end = min(start + window.length, window.start)
    if start < _midnight(held.day_from) or window.length == timedelta():
        return None
    return Window(on_kept_edge(start, held), on_kept_edge(end, held))


def on_kept_edge(moment: datetime, held: Boundaries) -> datetime:
    """The edge nearest to a moment of the finest bucket that is still kept there (5 minutes, hours, UTC days)."""
    day = moment.date()
    if day >= held.five_minute_from:
        return moment
    width = timedelta(hours=1) if day >= held.hour_from else timedelta(days=1)
    return floor(moment + width / 2, width)


def on_day_before(moment: datetime, zone: ZoneInfo) -> datetime:
    """The same time of day in the zone, one day earlier."""
    local = moment.astimezone(zone).replace(tzinfo=None) - timedelta(days=1)
    return local.replace(tzinfo=zone).astimezone(UTC)


def floor(moment: datetime, width: timedelta) -> datetime:
    """The bucket's edge at or before a moment; buckets of `width` are counted from 1970-01-01 00:00 UTC."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + (moment - epoch) // width * width


def _ceiling(moment: datetime, width: timedelta) -> datetime:
    return floor(moment, width) + width


def _bounds(asked: Asked, as_of: datetime, latest: datetime) -> tuple[datetime, datetime]:
    if asked.start is None:
        if asked.end is not None:
            raise BadRequestError("Parameter 'to' needs 'from'.")
        range_ = asked.range or Range.TODAY
        if range_ in _SLIDING:
            return floor(as_of - _SLIDING[range_], FINEST), latest
        first_day = as_of.astimezone(asked.zone).date() - timedelta(days=_DAYS_BEFORE_TODAY[range_])
        return floor(datetime.combine(first_day, time(), tzinfo=asked.zone).astimezone(UTC), FINEST), latest
    start = floor(in_utc(asked.start, asked.zone), FINEST)
    end = latest if asked.end is None else in_utc(asked.end, asked.zone)
    return start, min(latest, floor(end - timedelta(microseconds=1), FINEST) + FINEST)


def in_utc(moment: datetime, zone: ZoneInfo) -> datetime:
    """A moment in UTC; one without an offset is a time in the zone.

    The ends of the calendar are drawn in to FIRST_MOMENT and LAST_MOMENT: 9999-12-31T23:59 in New York would be the
    year 10000.
    """
    try:
        found = (moment.replace(tzinfo=zone) if moment.tzinfo is None else moment).astimezone(UTC)
    except OverflowError:
        found = FIRST_MOMENT if moment.year == 1 else LAST_MOMENT
    return min(max(found, FIRST_MOMENT), LAST_MOMENT)


def _kept_before(moment: datetime, held: Boundaries) -> str:
    if moment.date() < held.hour_from:
        return f"Of what was before {held.hour_from} only whole UTC days are kept"
    return f"Of what was before {held.five_minute_from} only whole hours are kept"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
