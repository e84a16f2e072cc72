"""Thresholds: the most particular one applies, and what can't work is refused with the reason."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.thresholds import Thresholds, load_defaults
from alerts.vocabulary import Rule, Severity
from warehouse.errors import BadRequestError, SettingsError

FAILURES = Rule.DELIVERY_FAILURES


def test_every_rule_has_defaults_and_says_why() -> None:
    defaults = load_defaults()
    assert set(defaults) == set(Rule)
    assert all(default.why for default in defaults.values())


def test_the_most_particular_threshold_applies_and_is_named() -> None:
    thresholds = Thresholds(
        load_defaults(), {(7, FAILURES, ""): {"warn": 30}, (7, FAILURES, "email"): {"critical": 90}}
    )
    assert thresholds.of(FAILURES, 8, "email").origin == "default"
    assert thresholds.of(FAILURES, 7, "whatsapp").origin == "organization"
    own = thresholds.of(FAILURES, 7, "email")
    assert (own.limits.warn, own.limits.critical, own.origin) == (30, 90, "organization, email")
    assert thresholds.of(Rule.LATENCY, 7, "email").origin == "default for email"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"clear_minutes": 1}, "buckets of 5 minutes"),
        ({"escalate_minutes": 1}, "before they could read it once"),
        ({"clear": 60}, "resolve itself while it fires"),
        ({"warn": 80}, "info <= warn <= critical"),
        ({"warn": None, "critical": None}, "could never fire"),
        ({"minimum_volume": 0}, "minimum_volume"),
        ({"window_minutes": 10}, "window_minutes: Extra inputs"),
        ({"warn": 0, "clear": 0}, r"warn \(0\) must be from 0.001 to 100 percent: 0 is reached always"),
        ({"clear": 0}, r"clear \(0\) must be from 0.001 to 100 percent: 0 is reached always and cleared never"),
        ({"critical": 101}, r"critical \(101\) must be from 0.001 to 100 percent: .*no share is above 100 %"),
        ({"critical": 1e308}, r"critical \(1e\+308\) must be from"),
        ({"critical": float("inf")}, r"critical \(inf\) must be from"),
        ({"warn": True}, "warn must be a number, not true"),
        ({"minimum_volume": 10**30}, "minimum_volume: Input should be less than or equal to 1000000000"),
    ],
)
def test_what_cannot_work_is_refused_with_the_reason(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadRequestError, match=reason):
        Thresholds(load_defaults(), {}).replaced((7, FAILURES, ""), values)


@pytest.mark.parametrize(
    ("rule", "values", "reason"),
    [
        (Rule.LATENCY, {"critical": 1e300}, r"critical \(1e\+300\) must be from 1 to 2,592,000,000 ms"),
        (Rule.LATENCY, {"clear": 0}, "from 1 to 2,592,000,000 ms"),
        (Rule.BOUNCE_SPIKE, {"critical": 201}, "from 1 to 200 times the usual rate"),
        (Rule.DELIVERY_FAILURE_SPIKE, {"critical": 101}, "from 1 to 100 times the usual rate"),
        (Rule.PLATFORM_ALERTS, {"info": 0.5, "clear": 0.5}, "from 1 to 1,000,000,000 rows"),
        (Rule.WEBHOOK_SILENCE, {"critical": 120}, "from 0.001 to 100 percent of the usual callbacks"),
        (Rule.STALE_PIPELINE, {"warn": 20}, "CORBI_ALERT_THRESHOLDS"),
    ],
)
def test_a_limit_knows_its_unit(rule: Rule, values: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadRequestError, match=reason):
        Thresholds(load_defaults(), {}).replaced((7, rule, ""), values)


@pytest.mark.parametrize(
    ("rule", "channel", "reason"),
    [(Rule.BOUNCES, "whatsapp", "knows only email"), (Rule.BOOKING_ERRORS, "email", "knows no channels")],
)
def test_limits_where_nothing_would_be_judged_by_them_are_refused(rule: Rule, channel: str, reason: str) -> None:
    with pytest.raises(BadRequestError, match=reason):
        Thresholds(load_defaults(), {}).replaced((7, rule, channel), {"minimum_volume": 40})


GREATEST = {"percent": 100, "times": 200, "ms": 2**32, "messages": 10**10, "rows": 10**10, "minutes": 10**6}
"""What a value of a unit, by its first word, may at the most be."""


@given(
    rule=st.sampled_from([rule for rule in Rule if rule is not Rule.STALE_PIPELINE]),
    values=st.dictionaries(st.sampled_from(["info", "warn", "critical", "clear"]), st.floats() | st.integers(-1, 200)),
)
def test_limits_that_are_accepted_can_be_reached_and_can_clear(rule: Rule, values: dict[str, float]) -> None:
    try:
        limits = Thresholds(load_defaults(), {}).replaced((7, rule, ""), values).of(rule, 7, "").limits
    except BadRequestError:
        return
    worst = next(severity for severity in reversed(Severity) if getattr(limits, severity) is not None)
    assert limits.judge(GREATEST[load_defaults()[rule].unit.split()[0]])[0] is worst
    assert limits.judge(0)[0] is None
    assert limits.clear > 0


def test_one_organizations_limits_that_work_no_longer_leave_the_default_and_everybody_else_judged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    kept = Thresholds(load_defaults(), {(7, FAILURES, ""): {"warn": 0, "clear": 0}, (8, FAILURES, ""): {"warn": 30}})
    assert kept.of(FAILURES, 7, "email").limits == Thresholds(load_defaults(), {}).of(FAILURES, 7, "email").limits
    assert kept.of(FAILURES, 7, "email").origin == "default, since the organization's own can't work"
    assert "organization 7" in caplog.text
    assert kept.of(FAILURES, 8, "email").limits.warn == 30


def test_a_channels_own_limits_must_still_fit_when_the_organizations_change() -> None:
    thresholds = Thresholds(load_defaults(), {(7, FAILURES, "email"): {"critical": 60}})
    with pytest.raises(BadRequestError, match="organization, email"):
        thresholds.replaced((7, FAILURES, ""), {"warn": 70, "critical": 80})


@pytest.mark.parametrize(("value", "severity"), [(19.9, None), (20, Severity.WARN), (50, Severity.CRITICAL)])
def test_a_limit_counts_from_where_it_is_reached(value: float, severity: Severity | None) -> None:
    assert Thresholds(load_defaults(), {}).of(FAILURES, 1, "email").limits.judge(value)[0] is severity


def test_an_operators_file_replaces_single_values(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("[delivery_failures]\nwarn = 33\n")
    assert load_defaults(path)[FAILURES].warn == 33
    assert load_defaults(path)[FAILURES].critical == load_defaults()[FAILURES].critical


def test_an_operators_file_and_an_organization_may_set_limits_of_any_channel(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("[delivery_failures]\nchannels.SMS = { warn = 33 }\n")
    found = Thresholds(load_defaults(path), {}).replaced((7, FAILURES, "facebook"), {"warn": 44})
    limits = {channel: found.of(FAILURES, 7, channel).limits.warn for channel in ("sms", "facebook", "rcs", "")}
    assert limits == {"sms": 33, "facebook": 44, "rcs": 20, "": 20}
    assert found.channels(FAILURES, 7) == ["", "whatsapp", "email", "telegram", "instagram", "facebook", "sms"]
    assert found.channels(FAILURES, 8) == ["", "whatsapp", "email", "telegram", "instagram", "sms"]


def test_an_operators_file_with_an_unknown_rule_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("[delivery_failure]\nwarn = 33\n")
    with pytest.raises(SettingsError, match="delivery_failure"):
        load_defaults(path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[delivery_failures]\nwarn = 0\nclear = 0\n", r"warn \(0\) must be from 0.001 to 100 percent"),
        ("[latency]\nchannels.email = { critical = inf }\n", r"latency .default for email.* critical \(inf\) must be"),
        ("[latency]\nchannels.sms = { critical = 5 }\n", "latency .default for sms.* critical"),
        ('[latency]\nchannels."+39" = { critical = 5 }\n', "a channel is a word such as"),
        ("[bounces]\nchannels.telegram = { critical = 50 }\n", "knows only email"),
        ('[latency]\nunit = "percent"\n', "latency is in ms"),
        ("warn = 3\n", "outside of a rule's section: warn"),
        ("[latency", "can't be read"),
    ],
)
def test_an_operators_file_that_cannot_work_is_refused_with_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=reason):
        load_defaults(path)
