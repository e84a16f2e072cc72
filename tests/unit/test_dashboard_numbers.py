"""How the dashboards write figures."""

import pytest

from notebooks.look import numbers

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("ms", "written"),
    [
        (None, "\N{EN DASH}"),
        (0, "0 ms"),
        (812.4, "812 ms"),
        (1_240, "1.2 s"),
        (204_000, "3.4 min"),
        (9_000_000, "2.5 h"),
    ],
)
def test_a_duration_has_the_unit_that_suits_it(ms: float | None, written: str) -> None:
    assert numbers.duration(ms) == written.replace(" ", NBSP)


@pytest.mark.parametrize(("value", "written"), [(12.34, "12.3 %"), (0, "0.0 %"), (0.01, "< 0.1 %"), (100, "100.0 %")])
def test_a_percentage_that_is_not_nothing_is_not_written_as_zero(value: float, written: str) -> None:
    assert numbers.percent(value) == written.replace(" ", NBSP)


@pytest.mark.parametrize(
    ("value", "written"), [(12.34, "+12.3 %"), (-4, f"{MINUS}4.0 %"), (0, "+0.0 %"), (2_400, "+2,400 %")]
)
def test_a_change_has_its_sign(value: float, written: str) -> None:
    assert numbers.signed_percent(value) == written.replace(" ", NBSP)


def test_what_is_missing_is_a_dash_and_never_a_zero() -> None:
    for write in (numbers.count, numbers.percent, numbers.duration, numbers.age, numbers.signed_percent):
        assert write(None) == numbers.MISSING
    assert numbers.moment(None, "UTC") == numbers.MISSING


def test_a_moment_is_written_in_the_zone() -> None:
    assert numbers.moment("2026-11-25T23:40:00.000Z", "Asia/Kolkata") == "26 Nov, 05:10"
