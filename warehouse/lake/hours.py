"""Hours counted from 1970-01-01 00:00 UTC: the numbers by which touched time is remembered.

Belongs here: from numbers to days and back. Does not: which hours were touched.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def hour_start(hour: int) -> datetime:
    """The moment at which an hour begins."""
    return _EPOCH + timedelta(hours=hour)


def day_of(hour: int) -> date:
    """The UTC day of an hour counted from 1970-01-01 00:00."""
    return hour_start(hour).date()


def hours_of(days: Iterable[date]) -> set[int]:
    """All hours of some UTC days."""
    return {(day - _EPOCH.date()).days * 24 + hour for day in days for hour in range(24)}
