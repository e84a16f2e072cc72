"""The plan of an evaluation: what is held, opened, kept quiet, cleared, reopened and escalated."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.finding import Finding, Fingerprint
from alerts.lifecycle import Action, Life, after, opened
from alerts.plan import Do, Moment, plan, plan_by_clock
from alerts.standing import Mutes, Standing
from alerts.thresholds import Thresholds, load_defaults
from alerts.vocabulary import Rule, Severity, Status

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = Fingerprint(5, Rule.DELIVERY_FAILURES, "email", "")
THRESHOLDS = Thresholds(load_defaults(), {})
LIMITS = THRESHOLDS.of(KEY.rule, 5, "email")
NOTHING_MUTED = Mutes()
WARN, CRITICAL = Severity.WARN, Severity.CRITICAL


def at(minutes: float) -> Moment:
    moment = START + timedelta(minutes=minutes)
    return Moment(moment, moment)


def finding(severity: Severity | None = WARN) -> Finding:
    return Finding(KEY, severity, 25.0, 20.0, 5, "title", "description", LIMITS)


def standing(life: Life | None, **more: object) -> Standing:
    return replace(Standing(KEY, alert_id=1 if life else None, life=life, is_told=True), **more)  # type: ignore[arg-type]


def decided(found: Finding | None, stood: Standing | None, minutes: float) -> Do | None:
    steps = plan([found] if found else [], {KEY: stood} if stood else {}, THRESHOLDS, at(minutes))
    return steps[0].do if steps else None


def resolved(minutes: float, severity: Severity = WARN) -> Life:
    return after(opened(severity, START), Action.RESOLVE, START + timedelta(minutes=minutes))


def test_a_breach_opens_after_its_hold_time_and_not_before() -> None:
    assert decided(finding(), None, 0) is Do.HOLD
    held = standing(None, held_since=START)
    assert decided(finding(), held, 4) is None
    assert decided(finding(), held, 5) is Do.OPEN
    assert decided(None, held, 4) is Do.DROP
    assert decided(finding(None), held, 4) is Do.DROP


def test_what_fires_again_and_again_is_sustained() -> None:
    assert decided(finding(), standing(opened(WARN, START)), 30) is Do.SUSTAIN


def test_between_its_limit_and_its_clearing_limit_it_neither_clears_nor_opens() -> None:
    assert decided(finding(None), standing(opened(WARN, START)), 30) is Do.SUSTAIN
    assert decided(finding(None), None, 30) is None


def test_it_resolves_itself_when_it_stayed_clear_long_enough() -> None:
    assert decided(None, standing(opened(WARN, START)), 30) is Do.START_CLEARING
    clearing = standing(opened(WARN, START), clearing_since=START + timedelta(minutes=30))
    assert decided(None, clearing, 44) is None
    assert decided(None, clearing, 45) is Do.RESOLVE


@pytest.mark.parametrize("status", [Status.OPEN, Status.ACKED])
def test_a_worse_severity_is_news_whether_it_was_acked_or_not(status: Status) -> None:
    life = replace(opened(WARN, START), status=status, acked_at=START)
    assert decided(finding(CRITICAL), standing(life), 9) is Do.WORSEN
    assert decided(finding(WARN), standing(replace(life, severity=CRITICAL)), 9) is Do.SUSTAIN


def test_it_comes_back_as_the_same_alert_within_the_reopen_time_and_as_a_new_one_after() -> None:
    stood = standing(resolved(10), held_since=START + timedelta(minutes=20))
    assert decided(finding(), stood, 130) is Do.REOPEN
    assert decided(finding(), stood, 131) is Do.OPEN


def test_what_a_person_resolved_while_it_fired_stays_resolved_until_there_is_news() -> None:
    stood = standing(resolved(10), is_firing=True, is_resolved_by_person=True, held_since=START)
    assert decided(finding(), stood, 60) is None
    assert decided(finding(CRITICAL), stood, 60) is Do.REOPEN
    assert decided(None, stood, 60) is Do.DROP
    assert decided(None, replace(stood, held_since=None), 60) is Do.CALM
    assert decided(finding(), replace(stood, is_firing=False), 60) is Do.REOPEN
    assert decided(finding(), stood, 200) is Do.OPEN


def by_clock(stood: Standing, minutes: float, mutes: Mutes = NOTHING_MUTED) -> list[Do]:
    return [step.do for step in plan_by_clock([stood], THRESHOLDS, mutes, at(minutes).now)]


def test_a_critical_alert_nobody_acked_escalates_once() -> None:
    critical = opened(CRITICAL, START)
    assert by_clock(standing(critical), 29) == []
    assert by_clock(standing(critical), 30) == [Do.ESCALATE]
    assert by_clock(standing(after(critical, Action.ESCALATE, START)), 90) == []
    assert by_clock(standing(after(critical, Action.ACK, START)), 90) == []
    assert by_clock(standing(opened(WARN, START)), 90) == []


@pytest.mark.parametrize("key", [(5, "", ""), (5, KEY.rule, ""), (5, "", "email"), (5, KEY.rule, "email")])
def test_a_mute_holds_notices_back_and_its_end_tells_what_is_still_there(key: tuple[int, str, str]) -> None:
    untold = standing(opened(CRITICAL, START), is_told=False)
    assert by_clock(untold, 90, Mutes(frozenset({key}))) == []
    assert by_clock(untold, 90, Mutes(frozenset({(6, "", ""), (5, "", "telegram")}))) == [Do.TELL]
