"""The windows that facts are read over.

Belongs here: their edges. Does not: SQL.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

BUCKET = timedelta(minutes=5)
USUAL = timedelta(days=7)
"""How far back an organization's own usual is measured."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Span:
    """From `start` (included) to `end` (excluded), UTC, on edges of 5-minute buckets; the usual is the hours before."""

    start: datetime
    end: datetime

    @property
    def values(self) -> dict[str, object]:
        """What the statements bind. Rows are partitioned by day, so the days are bound beside the times."""
        usual_end = _EPOCH + (self.start - _EPOCH) // timedelta(hours=1) * timedelta(hours=1)
        usual_start = usual_end - USUAL
        return {
            "start": self.start.replace(tzinfo=None),
            "end": self.end.replace(tzinfo=None),
            "start_day": self.start.date(),
            "end_day": self.end.date(),
            "usual_start": usual_start.replace(tzinfo=None),
            "usual_end": usual_end.replace(tzinfo=None),
            "usual_start_day": usual_start.date(),
            "usual_end_day": usual_end.date(),
        }


def span_before(at: datetime, minutes: int) -> Span:
    """The window of so many minutes that ends with the bucket in which `at` lies, or at `at` on a bucket's edge."""
    end = _EPOCH - (_EPOCH - at) // BUCKET * BUCKET
    return Span(end - timedelta(minutes=minutes), end)


def whole_buckets_before(at: datetime, minutes: int) -> Span:
    """The window of so many minutes that ends before the bucket in which `at` lies: every bucket in it is complete."""
    end = _EPOCH + (at - _EPOCH) // BUCKET * BUCKET
    return Span(end - timedelta(minutes=minutes), end)
