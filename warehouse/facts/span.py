"""The windows that facts are read over.

Belongs here: their edges. Does not: SQL.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from warehouse.lake.sql import as_json

BUCKET = timedelta(minutes=5)
USUAL = timedelta(days=7)
"""How far back an organization's own usual is measured."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Span:
    """From `start` (included) to `end` (excluded), UTC, on edges of 5-minute buckets."""

    start: datetime
    end: datetime


def bound(spans: Sequence[Span]) -> dict[str, object]:
    """What the statements bind of some windows. Rows are partitioned by day, so days are bound beside the times."""
    first, last = min(span.start for span in spans), max(span.end for span in spans)
    return {
        "starts_us": as_json(_us(span.start) for span in spans),
        "ends_us": as_json(_us(span.end) for span in spans),
        "since": first.replace(tzinfo=None),
        "until": last.replace(tzinfo=None),
        "first_day": first.date(),
        "last_day": last.date(),
    }


def _us(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(microseconds=1)


def span_before(at: datetime, minutes: int) -> Span:
    """The window of so many minutes that ends with the bucket in which `at` lies, or at `at` on a bucket's edge."""
    end = _EPOCH - (_EPOCH - at) // BUCKET * BUCKET
    return Span(end - timedelta(minutes=minutes), end)


def whole_buckets_before(at: datetime, minutes: int) -> Span:
    """The window of so many minutes that ends before the bucket in which `at` lies: every bucket in it is complete."""
    end = _EPOCH + (at - _EPOCH) // BUCKET * BUCKET
    return Span(end - timedelta(minutes=minutes), end)
