"""Requests are counted by caller and span, and forgotten when they no longer matter."""

from dataclasses import dataclass

import pytest

from api.access.rate_limit import MOST_CALLERS, Limit, RequestCounts, parse_limits


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_span_begins_with_the_first_request_and_ends_by_itself(clock: Clock) -> None:
    counts = RequestCounts([Limit(2, "minute")], clock)
    assert [counts.count("a"), counts.count("a")] == [None, None]
    clock.now += 20.5
    assert counts.count("a") == (Limit(2, "minute"), 40)
    clock.now += 39.5
    assert [counts.count("a"), counts.count("a")] == [None, None]
    assert counts.count("a") == (Limit(2, "minute"), 60)


def test_refused_requests_do_not_put_off_the_end(clock: Clock) -> None:
    counts = RequestCounts([Limit(1, "second")], clock)
    for _ in range(50):
        counts.count("a")
    clock.now += 1
    assert counts.count("a") is None


def test_of_several_limits_the_one_that_holds_longest_is_told(clock: Clock) -> None:
    counts = RequestCounts(parse_limits("1/second; 2/hour"), clock)
    assert counts.count("a") is None
    assert counts.count("a") == (Limit(1, "second"), 1)
    assert counts.count("a") == (Limit(2, "hour"), 3600)
    clock.now += 1
    assert counts.count("a") == (Limit(2, "hour"), 3599)


def test_callers_are_counted_apart_and_the_first_forgotten_when_there_are_too_many(clock: Clock) -> None:
    counts = RequestCounts([Limit(1, "day")], clock)
    assert [counts.count("first"), counts.count("second")] == [None, None]
    for number in range(MOST_CALLERS - 1):
        assert counts.count(f"caller {number}") is None
    assert counts.count("second") is not None
    assert counts.count("first") is None


@pytest.mark.parametrize(
    ("setting", "limits"),
    [
        ("", ()),
        ("1200/minute", (Limit(1200, "minute"),)),
        ("20 / second;5000/hour; 9/day", (Limit(20, "second"), Limit(5000, "hour"), Limit(9, "day"))),
    ],
)
def test_a_setting_is_read_as_its_limits(setting: str, limits: tuple[Limit, ...]) -> None:
    assert parse_limits(setting) == limits
