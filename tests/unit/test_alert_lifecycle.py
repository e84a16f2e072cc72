"""The state machine: whatever is tried, an alert's life stays one that makes sense."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.lifecycle import Action, ConflictError, Life, after, notice_of, opened
from alerts.outbox import NoticeKind
from alerts.vocabulary import Severity, Status

START = datetime(2026, 1, 1, tzinfo=UTC)
STEPS = st.lists(st.tuples(st.sampled_from(Action), st.sampled_from(Severity)), max_size=30)


def lived(first: Severity, steps: list[tuple[Action, Severity]]) -> list[tuple[Action, Life, Life]]:
    """The steps that were allowed, each with the life before and after."""
    life, taken = opened(first, START), []
    for number, (action, severity) in enumerate(steps, start=1):
        try:
            new = after(life, action, START + timedelta(minutes=number), severity)
        except ConflictError:
            continue
        taken.append((action, life, new))
        life = new
    return taken


@given(st.sampled_from(Severity), STEPS)
def test_times_agree_with_the_status_after_every_step(first: Severity, steps: list[tuple[Action, Severity]]) -> None:
    for _, _, life in lived(first, steps):
        assert (life.status is Status.RESOLVED) == (life.resolved_at is not None)
        assert life.status is not Status.ACKED or life.acked_at is not None
        assert life.status is not Status.OPEN or life.acked_at is None


@given(st.sampled_from(Severity), STEPS)
def test_between_two_alarms_it_escalates_at_most_once_and_only_when_critical(
    first: Severity, steps: list[tuple[Action, Severity]]
) -> None:
    escalated_alarms = [before.alarm_at for action, before, _ in lived(first, steps) if action is Action.ESCALATE]
    assert len(escalated_alarms) == len(set(escalated_alarms))
    for action, before, _ in lived(first, steps):
        assert action is not Action.ESCALATE or before.severity is Severity.CRITICAL


@given(st.sampled_from(Severity), STEPS)
def test_severity_only_rises_until_it_is_resolved(first: Severity, steps: list[tuple[Action, Severity]]) -> None:
    for action, before, life in lived(first, steps):
        if action is not Action.REOPEN:
            assert life.severity.rank >= before.severity.rank


@given(st.sampled_from(Severity), STEPS)
def test_people_are_told_of_news_only(first: Severity, steps: list[tuple[Action, Severity]]) -> None:
    for action, before, life in lived(first, steps):
        is_news = (
            life.severity.rank > before.severity.rank
            or before.escalated_at != life.escalated_at is not None
            or (before.status is Status.RESOLVED) != (life.status is Status.RESOLVED)
        )
        assert (notice_of(action, before) is not None) == is_news or action is Action.REOPEN


def test_whoever_gives_an_acked_alert_back_tells_nobody() -> None:
    acked = after(opened(Severity.WARN, START), Action.ACK, START)
    assert notice_of(Action.REOPEN, acked) is None
    assert notice_of(Action.REOPEN, after(acked, Action.RESOLVE, START)) is NoticeKind.REOPENED


def test_what_worsens_while_acked_is_open_again() -> None:
    acked = after(opened(Severity.WARN, START), Action.ACK, START)
    assert after(acked, Action.WORSEN, START, Severity.CRITICAL).status is Status.OPEN


def test_a_refused_step_says_why_and_where_the_alert_is() -> None:
    resolved = after(opened(Severity.INFO, START), Action.RESOLVE, START)
    with pytest.raises(ConflictError, match="resolved: what is resolved can't be acked") as refused:
        after(resolved, Action.ACK, START)
    assert refused.value.current is Status.RESOLVED
