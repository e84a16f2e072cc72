"""A window begins and ends where it was asked to, on edges that the rollups keep, and says where it can't."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from warehouse.errors import BadRequestError
from warehouse.lake.state import Boundaries
from warehouse.queries.measures import MEASURES, MessageCounts
from warehouse.queries.window import Asked, Range, Window, previous_window, window_of

AS_OF = datetime(2026, 3, 29, 13, 37, 42, tzinfo=UTC)
HELD = Boundaries(
    raw_from=date(2026, 2, 28),
    five_minute_from=date(2025, 12, 30),
    hour_from=date(2025, 12, 30),
    day_from=date(2025, 3, 30),
)
NEXT_BUCKET = datetime(2026, 3, 29, 13, 40, tzinfo=UTC)
ROME, KOLKATA = ZoneInfo("Europe/Rome"), ZoneInfo("Asia/Kolkata")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("range_", "zone", "start"),
    [
        (Range.TODAY, "UTC", utc(2026, 3, 29)),
        (Range.LAST_24_HOURS, "UTC", utc(2026, 3, 28, 13, 35)),
        (Range.LAST_7_DAYS, "UTC", utc(2026, 3, 22, 13, 35)),
        (Range.LAST_30_DAYS, "UTC", utc(2026, 2, 27, 13, 35)),
        (Range.LAST_90_DAYS, "UTC", utc(2025, 12, 30)),
        (Range.LAST_12_MONTHS, "UTC", utc(2025, 3, 30)),
        # Rome's day of the change of clocks begins at its offset of the night before.
        (Range.TODAY, "Europe/Rome", utc(2026, 3, 28, 23)),
        (Range.TODAY, "Asia/Kolkata", utc(2026, 3, 28, 18, 30)),
        (Range.LAST_24_HOURS, "Asia/Kolkata", utc(2026, 3, 28, 13, 35)),
    ],
)
def test_a_named_range_ends_with_the_bucket_of_the_snapshot(range_: Range, zone: str, start: datetime) -> None:
    assert window_of(Asked(range_, zone=ZoneInfo(zone)), AS_OF, HELD) == Window(start, NEXT_BUCKET)


def test_times_without_an_offset_are_times_in_the_zone() -> None:
    asked = Asked(None, datetime(2026, 3, 1), datetime(2026, 3, 2), ROME)  # noqa: DTZ001 - naive on purpose
    assert window_of(asked, AS_OF, HELD) == Window(utc(2026, 2, 28, 23), utc(2026, 3, 1, 23))


def test_what_lies_after_the_snapshot_is_not_answered() -> None:
    asked = Asked(None, utc(2026, 3, 29, 12), utc(2027, 1, 1))
    assert window_of(asked, AS_OF, HELD) == Window(utc(2026, 3, 29, 12), NEXT_BUCKET)


def test_a_window_is_widened_to_whole_buckets() -> None:
    asked = Asked(None, utc(2026, 3, 1, 0, 4, 59), utc(2026, 3, 1, 0, 5, 1))
    assert window_of(asked, AS_OF, HELD) == Window(utc(2026, 3, 1), utc(2026, 3, 1, 0, 10))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (utc(2026, 3, 2), utc(2026, 3, 1)),
        (utc(2026, 3, 1), utc(2026, 3, 1)),
        (utc(2026, 4, 1), None),
        (None, utc(2026, 3, 1)),
    ],
)
def test_a_window_that_can_not_be_is_refused_by_name(start: datetime | None, end: datetime | None) -> None:
    with pytest.raises(BadRequestError, match="'from'"):
        window_of(Asked(None, start, end), AS_OF, HELD)


def test_what_is_older_than_retention_is_left_out_and_said() -> None:
    window = window_of(Asked(None, utc(2020, 1, 1), utc(2025, 4, 2)), AS_OF, HELD)
    assert (window.start, window.end) == (utc(2025, 3, 30), utc(2025, 4, 2))
    assert window.notices == ("Nothing is kept from before 2025-03-30: the window begins there.",)
    gone = window_of(Asked(None, utc(2020, 1, 1), utc(2020, 2, 1)), AS_OF, HELD)
    assert gone.length == timedelta()
    assert gone.notices


def test_of_old_days_whole_utc_days_are_answered_and_said() -> None:
    asked = Asked(None, datetime(2025, 6, 1), datetime(2025, 6, 2), KOLKATA)  # noqa: DTZ001 - naive on purpose
    window = window_of(asked, AS_OF, HELD)
    assert (window.start, window.end) == (utc(2025, 6, 1), utc(2025, 6, 2))
    assert "only whole UTC days" in window.notices[0]


@pytest.mark.parametrize(
    ("range_", "zone", "start", "end"),
    [
        (Range.TODAY, "UTC", utc(2026, 3, 28), utc(2026, 3, 28, 13, 40)),
        # Rome's 29 March has 23 hours: yesterday's first hours are as many as today's.
        (Range.TODAY, "Europe/Rome", utc(2026, 3, 27, 23), utc(2026, 3, 28, 13, 40)),
        (Range.LAST_7_DAYS, "UTC", utc(2026, 3, 15, 13, 30), utc(2026, 3, 22, 13, 35)),
    ],
)
def test_the_window_before_is_as_long_and_ends_before(range_: Range, zone: str, start: datetime, end: datetime) -> None:
    asked = Asked(range_, zone=ZoneInfo(zone))
    assert previous_window(window_of(asked, AS_OF, HELD), asked, HELD) == Window(start, end)


def test_half_a_window_is_nothing_to_compare_with() -> None:
    asked = Asked(Range.LAST_12_MONTHS)
    assert previous_window(window_of(asked, AS_OF, HELD), asked, HELD) is None


@pytest.mark.parametrize("range_", list(Range))
def test_the_bucket_in_which_the_snapshot_lies_belongs_to_the_window(range_: Range) -> None:
    for as_of in (AS_OF, utc(2026, 3, 29), datetime(2026, 3, 29, 23, 59, 59, 999999, tzinfo=UTC)):
        window = window_of(Asked(range_), as_of, HELD)
        assert window.start <= as_of < window.end


def test_counts_add_up_measure_by_measure() -> None:
    counts = MessageCounts(*range(1, len(MEASURES) + 1))
    assert counts + MessageCounts() == counts
    assert (counts + counts).inbound == 2 * counts.inbound
