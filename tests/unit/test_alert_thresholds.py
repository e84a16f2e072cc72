"""Thresholds: the most particular one applies, and what can't work is refused with the reason."""

from pathlib import Path
from typing import Any

import pytest

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
    ],
)
def test_what_cannot_work_is_refused_with_the_reason(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadRequestError, match=reason):
        Thresholds(load_defaults(), {}).replaced((7, FAILURES, ""), values)


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


def test_an_operators_file_with_an_unknown_rule_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("[delivery_failure]\nwarn = 33\n")
    with pytest.raises(SettingsError, match="delivery_failure"):
        load_defaults(path)
