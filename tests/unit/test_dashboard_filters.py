"""Filters of a page: what stands in its address is shown and asked for as it is, and what can't be is passed over."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notebooks.look.filters import selected, window_controls

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ZONES = st.sampled_from(("UTC", "Asia/Kolkata", "America/St_Johns", "no such zone"))
ENDS = ("0001-01-01", "0001-01-01T00:00+05:30", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-02:30", "yesterday", "")
MOMENTS = st.one_of(st.sampled_from(ENDS), st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat), st.text())


@given(start=MOMENTS, end=MOMENTS, zone=ZONES)
def test_whatever_an_address_says_is_a_selection(start: str, end: str, zone: str) -> None:
    shown = selected(window_controls({"from": start, "to": end, "tz": zone}, NOW).value)
    for moment in (shown.start, shown.end):
        assert moment is not None
        assert datetime.fromisoformat(moment).tzinfo is None


@pytest.mark.parametrize("given_", ["0001-01-01T00:00+05:30", "9999-12-31T23:59:59-02:30", "yesterday"])
def test_what_is_no_time_of_the_zone_is_the_default_on_its_clock(given_: str) -> None:
    shown = selected(window_controls({"from": given_, "to": given_, "tz": "Asia/Kolkata"}, NOW).value)
    assert (shown.start, shown.end) == ("2026-11-24T17:30", "2026-11-25T17:30")


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        ("sms", "sms"),
        (" SMS ", "sms"),
        ("fax", "fax"),
        ("WhatsApp", "whatsapp"),
        ("", ""),
    ],
)
def test_a_channel_of_the_address_or_that_was_found_can_be_chosen(asked: str, chosen: str) -> None:
    control = window_controls({"channel": asked}, NOW, ["whatsapp", "sms", "rcs_a", "rcs a", ""]).elements["channel"]
    assert control.value == chosen
    assert control.options["Sms"] == "sms"
    assert [*control.options.values()].count("") == 1
    assert {"whatsapp", "email", "telegram", "instagram", "sms", "rcs_a", "rcs a"} <= {*control.options.values()}
