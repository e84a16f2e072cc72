"""One campaign or e-mail job: its recipients over time, and why some of them failed.

Belongs here: which rows tell that, and their buckets. Does not: its counts and rates (sendings.py).
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from warehouse.queries.buckets import Interval, bucket_starts, interval_for
from warehouse.queries.channels import moment_of
from warehouse.queries.failures import FailureTemplate
from warehouse.queries.messages import confirmed_sql
from warehouse.queries.scope import OrganizationLake
from warehouse.queries.sendings import Kind, Sending
from warehouse.queries.window import FINEST, UTC_ZONE, Asked, Window, floor, window_of

Row = tuple[datetime, str, int]

_DAY = timedelta(days=1)
_ONLY_TOTALS = "Some of its recipients are older than the days that are kept: only totals are left of them."
_STATES = ("queued", "sent", "delivered", "read", "failed", "skipped", "unsubscribed")


@dataclass(frozen=True)
class RecipientPoint:
    """One bucket of one sending; `at` is its start (UTC). `sent` includes delivered, `delivered` includes read."""

    at: datetime
    outbound: int = 0
    queued: int = 0
    sent: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    skipped: int = 0
    unsubscribed: int = 0


@dataclass(frozen=True)
class RecipientCourse:
    """Recipients in buckets, by the time they were written; without a window where none was."""

    window: Window | None
    interval: Interval
    points: tuple[RecipientPoint, ...] = ()
    notices: tuple[str, ...] = ()


def read_course(
    lake: OrganizationLake, kind: Kind, one: Sending, asked: Asked, interval: Interval | None
) -> RecipientCourse:
    """Its recipients over a window, or over its own life where none is asked for.

    Single rows tell as long as all of them are kept; of an older one, what is kept of each UTC day.
    Raises BadRequestError for a window that can't be, or an interval too fine for it.
    """
    window = window_of(asked, lake.as_of, lake.held) if asked.range or asked.start else None
    life = _life(one)
    if life is None:
        course = RecipientCourse(window, interval or Interval.DAY)
    elif max(life.start, window.start if window else life.start).date() < lake.held.raw_from:
        course = _by_day(lake, kind, one, window or life)
    else:
        course = _by_moment(lake, kind, one, window, (asked.zone, interval))
    if window is None and sum(point.outbound for point in course.points) < one.recipients["total"]:
        return replace(course, notices=(*course.notices, _ONLY_TOTALS))
    return course


def read_sending_failures(lake: OrganizationLake, kind: Kind, one: Sending) -> list[FailureTemplate]:
    """Its failed recipients by masked text, the commonest first."""
    fragments = {"id": f"{one.id:d}", "within": f"day >= date '{lake.held.raw_from}'"}
    return [FailureTemplate(*row) for row in lake.rows(f"{kind.one}_failures", fragments=fragments)]


def _by_moment(
    lake: OrganizationLake, kind: Kind, one: Sending, window: Window | None, cut: tuple[ZoneInfo, Interval | None]
) -> RecipientCourse:
    zone, interval = cut
    days = f"day between date '{one.first_day}' and date '{one.last_day}'"
    rows = _read(lake, f"{kind.one}_recipients", one, days)
    window = window or Window(rows[0][0], rows[-1][0] + FINEST)
    chosen, notice = interval_for(window, interval, lake.held)
    starts = bucket_starts(window, chosen, zone, lake.held)
    notices = (*window.notices, *([notice] if notice else ()))
    return RecipientCourse(window, chosen, _points(rows, starts, window), notices)


def _by_day(lake: OrganizationLake, kind: Kind, one: Sending, window: Window) -> RecipientCourse:
    whole = Window(floor(window.start, _DAY), floor(window.end - FINEST, _DAY) + _DAY)
    rows = _read(lake, f"{kind.one}_recipient_days", one, f"day >= date '{whole.start.date()}'")
    starts = bucket_starts(whole, Interval.DAY, UTC_ZONE, lake.held)
    notice = (
        f"Of recipients written before {lake.held.raw_from} only whole UTC days are told apart: the interval is 1d."
    )
    return RecipientCourse(whole, Interval.DAY, _points(rows, starts, whole), (*window.notices, notice))


def _read(lake: OrganizationLake, name: str, one: Sending, within: str) -> list[Row]:
    """Recipients by moment and state, ascending."""
    is_confirmed = confirmed_sql("r", str(one.campaign_id or 0))
    rows = lake.rows(name, fragments={"id": f"{one.id:d}", "within": within, "is_confirmed": is_confirmed})
    return sorted((moment_of(bucket_us), state, n) for bucket_us, state, n in rows)


def _points(rows: Sequence[Row], starts: Sequence[datetime], window: Window) -> tuple[RecipientPoint, ...]:
    counts: list[dict[str, int]] = [dict.fromkeys(_STATES, 0) for _ in starts]
    for at, state, n in rows:
        if window.start <= at < window.end:
            counts[bisect_right(starts, at) - 1][state] += n
    return tuple(_point(at, count) for at, count in zip(starts, counts, strict=True))


def _point(at: datetime, count: dict[str, int]) -> RecipientPoint:
    delivered = count["delivered"] + count["read"]
    inclusive = {"sent": count["sent"] + delivered, "delivered": delivered}
    return RecipientPoint(at, sum(count.values()), **(count | inclusive))


def _life(one: Sending) -> Window | None:
    """The UTC days on which its recipients were written; None where no such day is kept."""
    if one.first_day is None or one.last_day is None:
        return None
    return Window(_midnight(one.first_day), _midnight(one.last_day) + _DAY)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
