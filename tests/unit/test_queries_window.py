"""A window lies on buckets' edges and is read from the finest rollup that holds all of it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from warehouse.queries.measures import MEASURES, MessageCounts
from warehouse.queries.window import Range, window_of
from warehouse.state import Boundaries

AS_OF = datetime(2026, 3, 29, 13, 37, 42, tzinfo=UTC)
HELD = Boundaries(
    raw_from=date(2026, 2, 27),
    five_minute_from=date(2026, 3, 22),
    hour_from=date(2025, 12, 29),
    day_from=date(2025, 3, 29),
)
NEXT_BUCKET = datetime(2026, 3, 29, 13, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("range_", "start", "end", "slot"),
    [
        (Range.TODAY, datetime(2026, 3, 29, tzinfo=UTC), NEXT_BUCKET, "5m"),
        (Range.LAST_24_HOURS, datetime(2026, 3, 28, 13, 35, tzinfo=UTC), NEXT_BUCKET, "5m"),
        (Range.LAST_7_DAYS, datetime(2026, 3, 22, 13, 35, tzinfo=UTC), NEXT_BUCKET, "5m"),
        (Range.LAST_30_DAYS, datetime(2026, 2, 27, 13, tzinfo=UTC), datetime(2026, 3, 29, 14, tzinfo=UTC), "hour"),
    ],
)
def test_the_finest_rollup_that_holds_the_window_answers_it(
    range_: Range, start: datetime, end: datetime, slot: str
) -> None:
    window = window_of(range_, AS_OF, HELD)
    assert (window.start, window.end, window.slot) == (start, end, slot)


def test_a_window_that_hours_no_longer_hold_is_read_from_days() -> None:
    held = HELD.model_copy(update={"five_minute_from": AS_OF.date(), "hour_from": AS_OF.date() - timedelta(days=20)})
    window = window_of(Range.LAST_30_DAYS, AS_OF, held)
    assert window.slot == "day"
    assert (window.start, window.end) == (datetime(2026, 2, 27, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC))


@pytest.mark.parametrize("range_", list(Range))
def test_the_bucket_in_which_the_snapshot_lies_belongs_to_the_window(range_: Range) -> None:
    for as_of in (AS_OF, datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 3, 29, 23, 59, 59, 999999, tzinfo=UTC)):
        window = window_of(range_, as_of, HELD)
        assert window.start <= as_of < window.end


def test_counts_add_up_measure_by_measure() -> None:
    counts = MessageCounts(*range(1, len(MEASURES) + 1))
    assert counts + MessageCounts() == counts
    assert (counts + counts).inbound == 2 * counts.inbound
