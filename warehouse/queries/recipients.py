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
from warehouse.queries.messages import campaign_fragments, confirmed_sql
from warehouse.queries.scope import OrganizationLake
from warehouse.queries.sendings import Kind, Sending
from warehouse.queries.window import FINEST, UTC_ZONE, Asked, Window, floor, window_of

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
    """Recipients in buckets, by the time they were written; without a window where none is kept by day.

    `failures` are those of all its recipients, whatever the window, the commonest text first.
    """

    window: Window | None
    interval: Interval
    points: tuple[RecipientPoint, ...] = ()
    notices: tuple[str, ...] = ()
    failures: tuple[FailureTemplate, ...] = ()


@dataclass(frozen=True)
class _Row:
    """Recipients that were written at `at` (UTC), are in one state and, where that is failed, have one masked text."""

    at: datetime
    state: str
    recipients: int
    template: str | None = None
    reason: str = ""


def read_course(
    lake: OrganizationLake, kind: Kind, one: Sending, asked: Asked, interval: Interval | None
) -> RecipientCourse:
    """Its recipients over a window, or over its own life where none is asked for, and why some failed.

    Single rows tell as long as all of them are kept; of an older one, what is kept of each UTC day.
    Raises BadRequestError for a window that can't be, or an interval too fine for it.
    """
    window = window_of(asked, lake.as_of, lake.held) if asked.range or asked.start else None
    life = _life(one)
    rows: list[_Row] = []
    if life is None:
        course = RecipientCourse(window, interval or Interval.DAY)
    elif max(life.start, window.start if window else life.start).date() < lake.held.raw_from:
        course = _by_day(lake, kind, one, window or life)
    else:
        rows = _single_rows(lake, kind, one)
        # Without rows, a pass that deleted them is not rolled up yet.
        window = window or (Window(rows[0].at, rows[-1].at + FINEST) if rows else life)
        course = _by_moment(lake, rows, window, asked.zone, interval)
    if not (asked.range or asked.start) and sum(point.outbound for point in course.points) < one.recipients["total"]:
        course = replace(course, notices=(*course.notices, _ONLY_TOTALS))
    are_all = sum(row.recipients for row in rows) == one.recipients["total"]
    return replace(course, failures=_failures_of(one, rows) if are_all else _failures(lake, kind, one))


def _by_moment(
    lake: OrganizationLake, rows: Sequence[_Row], window: Window, zone: ZoneInfo, asked: Interval | None
) -> RecipientCourse:
    interval, notice = interval_for(window, asked, lake.held)
    starts = bucket_starts(window, interval, zone, lake.held)
    notices = (*window.notices, *([notice] if notice else ()))
    return RecipientCourse(window, interval, _points(rows, starts, window), notices)


def _by_day(lake: OrganizationLake, kind: Kind, one: Sending, window: Window) -> RecipientCourse:
    whole = Window(floor(window.start, _DAY), floor(window.end - FINEST, _DAY) + _DAY)
    within = f"day >= date '{whole.start.date()}'"
    found = lake.rows(f"{kind.one}_recipient_days", {"id": one.id}, {"within": within})
    rows = [_Row(moment_of(bucket_us), state, recipients) for bucket_us, state, recipients in found]
    starts = bucket_starts(whole, Interval.DAY, UTC_ZONE, lake.held)
    notice = (
        f"Of recipients written before {lake.held.raw_from} only whole UTC days are told apart: the interval is 1d."
    )
    return RecipientCourse(whole, Interval.DAY, _points(rows, starts, whole), (*window.notices, notice))


def _single_rows(lake: OrganizationLake, kind: Kind, one: Sending) -> list[_Row]:
    """What is kept of single rows, ascending."""
    fragments = {
        "within": f"day between date '{one.first_day}' and date '{one.last_day}'",
        "is_confirmed": confirmed_sql("r", f"{one.campaign_id:d}") if one.campaign_id else "false",
        **campaign_fragments("j.campaign_id = $id"),
    }
    rows = lake.rows(f"{kind.one}_recipients", {"id": one.id, "channel": one.channel}, fragments)
    return sorted((_Row(moment_of(bucket_us), *rest) for bucket_us, *rest in rows), key=lambda row: row.at)


def _failures_of(one: Sending, rows: Sequence[_Row]) -> tuple[FailureTemplate, ...]:
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        if row.template is not None:
            key = row.template, row.reason
            counts[key] = counts.get(key, 0) + row.recipients
    return _commonest_first([FailureTemplate(one.channel, *key, count) for key, count in counts.items()])


def _failures(lake: OrganizationLake, kind: Kind, one: Sending) -> tuple[FailureTemplate, ...]:
    rows = lake.rows(f"{kind.one}_failures", {"id": one.id, "channel": one.channel})
    return _commonest_first([FailureTemplate(one.channel, *row) for row in rows])


def _commonest_first(failures: list[FailureTemplate]) -> tuple[FailureTemplate, ...]:
    return tuple(sorted(failures, key=lambda failure: (-failure.count, failure.template)))


def _points(rows: Sequence[_Row], starts: Sequence[datetime], window: Window) -> tuple[RecipientPoint, ...]:
    counts: list[dict[str, int]] = [dict.fromkeys(_STATES, 0) for _ in starts]
    for row in rows:
        if window.start <= row.at < window.end:
            counts[bisect_right(starts, row.at) - 1][row.state] += row.recipients
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
