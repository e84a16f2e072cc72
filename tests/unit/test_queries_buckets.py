"""Buckets cut a window by the clock of a zone, and the rows that fill them are each read once, from one layer."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.errors import BadRequestError
from warehouse.lake.state import Boundaries
from warehouse.queries.buckets import Interval, bucket_starts, interval_for
from warehouse.queries.cover import cover
from warehouse.queries.window import FINEST, Asked, Window, window_of

AS_OF = datetime(2026, 11, 25, 12, 0, 1, tzinfo=UTC)
HELD = Boundaries(
    raw_from=date(2026, 10, 27),
    five_minute_from=date(2026, 10, 1),
    hour_from=date(2026, 8, 28),
    day_from=date(2025, 11, 26),
)
ALL_HELD = Boundaries(raw_from=date(2026, 1, 1), five_minute_from=date(2026, 1, 1), hour_from=date(2026, 1, 1),
                      day_from=date(2026, 1, 1))  # fmt: skip
ZONES = (
    "UTC",
    "Europe/Rome",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Africa/Cairo",
)
LAYERS = {"5m": 1, "hour": 12, "day": 288}

moments = st.datetimes(datetime(2025, 11, 1), datetime(2026, 11, 25), timezones=st.just(UTC))  # noqa: DTZ001


def local_starts(window: Window, interval: Interval, zone: str) -> list[str]:
    starts = bucket_starts(window, interval, ZoneInfo(zone), ALL_HELD)
    return [f"{start.astimezone(ZoneInfo(zone)):%d %H:%M}" for start in starts]


def test_days_begin_at_midnight_by_the_clock_though_one_has_25_hours() -> None:
    window = Window(datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 10, 26, 5, tzinfo=UTC))
    assert local_starts(window, Interval.DAY, "Europe/Rome") == ["24 22:00", "25 00:00", "26 00:00"]
    assert local_starts(window, Interval.SIX_HOURS, "Europe/Rome") == [
        "24 22:00", "25 00:00", "25 06:00", "25 12:00", "25 18:00", "26 00:00"
    ]  # fmt: skip


def test_a_day_whose_midnight_is_skipped_begins_an_hour_later() -> None:
    window = Window(datetime(2026, 4, 22, 22, tzinfo=UTC), datetime(2026, 4, 25, 12, tzinfo=UTC))
    assert local_starts(window, Interval.DAY, "Africa/Cairo") == ["23 00:00", "24 01:00", "25 00:00"]


def test_hours_of_a_half_hour_zone_begin_on_its_own_full_hours() -> None:
    window = Window(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 1, 2, tzinfo=UTC))
    assert local_starts(window, Interval.HOUR, "Asia/Kolkata") == ["01 05:30", "01 06:00", "01 07:00"]


def test_each_hour_of_a_day_with_25_is_a_bucket() -> None:
    window = Window(datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC))
    assert len(bucket_starts(window, Interval.HOUR, ZoneInfo("Europe/Rome"), ALL_HELD)) == 25


@pytest.mark.parametrize(
    ("length", "interval"),
    [
        (timedelta(hours=1), "5m"),
        (timedelta(hours=12), "15m"),
        (timedelta(hours=24), "1h"),
        (timedelta(days=7), "6h"),
        (timedelta(days=30), "1d"),
    ],
)
def test_an_interval_that_suits_the_window_is_chosen(length: timedelta, interval: str) -> None:
    window = Window(AS_OF - length, AS_OF)
    assert interval_for(window, None, HELD) == (Interval(interval), None)


def test_an_interval_that_is_too_fine_is_refused_with_those_that_are_not() -> None:
    window = Window(AS_OF - timedelta(days=30), AS_OF)
    with pytest.raises(BadRequestError, match=r"5m makes 8,641 points.*allowed for it: 1h, 6h, 1d"):
        interval_for(window, Interval.FIVE_MINUTES, HELD)


def test_old_days_are_answered_by_day_and_it_is_said() -> None:
    window = Window(datetime(2026, 5, 1, tzinfo=UTC), AS_OF)
    interval, notice = interval_for(window, Interval.HOUR, HELD)
    assert (interval, notice) == (
        Interval.DAY,
        "Of days before 2026-08-28 only whole days are kept: the interval is 1d, not 1h.",
    )


@given(moments, moments, st.sampled_from(ZONES), st.sampled_from(list(Interval)))
def test_every_step_of_a_window_is_in_one_bucket_and_read_from_one_row(
    start: datetime, end: datetime, zone: str, asked: Interval
) -> None:
    start, end = sorted((start, end))
    window = window_of(Asked(None, start, end + FINEST, ZoneInfo(zone)), AS_OF, HELD)
    try:
        interval, _ = interval_for(window, asked, HELD)
    except BadRequestError:
        interval, _ = interval_for(window, None, HELD)
    starts = bucket_starts(window, interval, ZoneInfo(zone), HELD)
    if not starts:
        assert window.length == timedelta()
        return
    assert starts[0] == window.start
    assert all(first < second for first, second in pairwise([*starts, window.end]))
    pieces = sorted(cover(window, starts, HELD).pieces, key=lambda piece: piece.start)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    # The pieces are the window, each step once ...
    assert epoch + pieces[0].start * FINEST == window.start
    assert epoch + pieces[-1].end * FINEST == window.end
    assert all(first.end == second.start for first, second in pairwise(pieces))
    for piece in pieces:
        width = LAYERS[piece.layer]
        # ... made of whole rows of their layer, which the layer still holds ...
        assert piece.start % width == piece.end % width == 0
        first_day = (epoch + piece.start * FINEST).date()
        assert first_day >= {"5m": HELD.five_minute_from, "hour": HELD.hour_from, "day": HELD.day_from}[piece.layer]
        # ... and no row reaches across a bucket's edge.
        for edge in starts:
            steps = (edge - epoch) // FINEST
            assert not piece.start < steps < piece.end or steps % width == 0
