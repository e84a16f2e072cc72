"""A cursor is a position in a list, whatever digits it is made of, and a page is looked for no further than needed."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.errors import BadRequestError
from warehouse.lake.state import Boundaries
from warehouse.queries.newest import POSITION, Position, Stretch, position_of, read_page
from warehouse.queries.span import Span, span_of
from warehouse.queries.window import UTC_ZONE, Asked, Range

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
FIRST_DAY = date(2026, 10, 27)
DAYS = re.compile(r"day ([<>=]+) date '([0-9-]+)'")
EARLIEST, LATEST = datetime.fromisoformat("1970-01-01"), datetime.fromisoformat("2286-01-01")
HELD = Boundaries(
    raw_from=FIRST_DAY, five_minute_from=date(2026, 9, 1), hour_from=date(2026, 9, 1), day_from=date(2025, 11, 25)
)


def stretch(start: datetime | None = None, after: Position | None = None, *, is_rare: bool = False) -> Stretch:
    return Stretch("at", Span(start), after, FIRST_DAY, NOW, is_rare=is_rare)


@given(st.from_regex(f"{POSITION}(-[a-z]+)?", fullmatch=True))
def test_whatever_looks_like_a_cursor_is_one(cursor: str) -> None:
    position = position_of(cursor)
    assert position_of(str(position)) == position
    assert position.conditions("at")


@given(st.datetimes(EARLIEST, LATEST), st.integers(0, 2**63 - 1))
def test_a_position_is_told_to_the_microsecond(at: datetime, id_: int) -> None:
    position = Position(at.replace(tzinfo=UTC), id_, "email")
    assert position_of(str(position)) == position


def read(rows: list[datetime], limit: int, within: Stretch) -> tuple[list[datetime], bool, int]:
    """What a page holds, whether there is another, and how often was looked."""
    looks = []

    def look(conditions: Sequence[str], most: int) -> list[datetime]:
        days = {sign: date.fromisoformat(day) for condition in conditions for sign, day in DAYS.findall(condition)}
        looks.append(days)
        assert days.keys() <= {">=", "<"}
        return [row for row in rows if days[">="] <= row.date() < days.get("<", date.max)][:most]

    page = read_page(within, look, lambda row: Position(row, 1), limit)
    return list(page.rows), page.next is not None, len(looks)


def test_one_day_is_read_where_it_fills_a_page_and_all_days_where_it_does_not() -> None:
    hourly = [NOW - timedelta(hours=n) for n in range(1, 500)]
    assert read(hourly, 10, stretch()) == (hourly[:10], True, 1)
    assert read(hourly, 100, stretch()) == (hourly[:100], True, 2)
    assert read(hourly, 100, stretch(is_rare=True)) == (hourly[:100], True, 1)
    assert read(hourly[:5], 10, stretch()) == (hourly[:5], False, 2)
    assert read(hourly[:10], 10, stretch()) == (hourly[:10], False, 2)


def test_what_is_older_than_the_span_is_left_out_wherever_in_a_day_the_span_begins() -> None:
    hourly = [NOW - timedelta(hours=n) for n in range(1, 500)]
    assert read(hourly, 10, stretch(NOW - timedelta(hours=9))) == (hourly[:9], False, 1)
    assert read(hourly, 100, stretch(NOW - timedelta(hours=50))) == (hourly[:50], False, 2)
    assert read(hourly, 50, stretch(NOW - timedelta(hours=50))) == (hourly[:50], False, 2)
    assert read(hourly, 49, stretch(NOW - timedelta(hours=50))) == (hourly[:49], True, 2)


def test_a_page_after_a_position_begins_to_look_on_its_day() -> None:
    after = Position(NOW - timedelta(days=9), 7)
    first, rest = stretch(after=after).parts()
    assert {"day >= date '2026-11-16'", "day <= date '2026-11-16'"} <= {*first}
    assert any("at < timestamp '2026-11-16 12:00:00'" in condition for condition in first)
    assert rest == ["day >= date '2026-10-27'", "day < date '2026-11-16'"]


def test_a_position_before_all_that_is_kept_leaves_nothing_to_look_for() -> None:
    (only,) = stretch(after=Position(NOW - timedelta(days=90), 7)).parts()
    assert {"day >= date '2026-10-27'", "day <= date '2026-08-27'"} <= {*only}


def test_a_span_that_reaches_back_to_rows_that_are_gone_says_so() -> None:
    assert stretch(NOW - timedelta(days=3)).notices() == stretch().notices() == ()
    (notice,) = stretch(NOW - timedelta(days=60)).notices()
    assert "2026-10-27" in notice


def test_bounds_of_a_span_are_exact_and_may_be_open() -> None:
    start = datetime.fromisoformat("2026-11-20T10:01:02.000345")
    assert span_of(Asked(None, start), NOW, HELD) == Span(start.replace(tzinfo=UTC), None)
    assert span_of(Asked(None, None, start), NOW, HELD) == Span(None, start.replace(tzinfo=UTC))
    assert span_of(Asked(None), NOW, HELD) == Span()
    assert span_of(Asked(Range.LAST_7_DAYS), NOW, HELD) == Span(NOW - timedelta(days=7), NOW + timedelta(minutes=5))


@pytest.mark.parametrize("end", ["2026-11-01", "2026-10-01"])
def test_a_span_that_ends_before_it_begins_is_refused(end: str) -> None:
    with pytest.raises(BadRequestError, match="ends after it begins"):
        span_of(Asked(None, datetime.fromisoformat("2026-11-01"), datetime.fromisoformat(end)), NOW, HELD)


def test_the_ends_of_the_calendar_can_be_asked_for_and_are_drawn_in() -> None:
    span = span_of(
        Asked(None, datetime.fromisoformat("0001-01-01"), datetime.fromisoformat("9999-12-31"), UTC_ZONE), NOW, HELD
    )
    assert span.conditions("at") == ["at >= timestamp '0001-02-01 00:00:00'", "at < timestamp '9999-12-01 00:00:00'"]
