"""Evaluations on a real alert store: opened once, told as it must be, and never against what a person did."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from alerts import store as alert_store
from alerts.apply import apply
from alerts.database import store, transaction
from alerts.evaluate import evaluate_by_clock
from alerts.finding import Finding, Fingerprint
from alerts.lifecycle import Action
from alerts.migrations import upgrade
from alerts.model import Alert, Mute, Pending
from alerts.outbox import Notice, NoticeKind
from alerts.plan import Do, Moment, plan
from alerts.rules.pipeline import PipelineHealth
from alerts.standing import read_mutes, read_standings
from alerts.store import act, read_version
from alerts.thresholds import Thresholds, load_defaults
from alerts.vocabulary import OPERATIONS, Reason, Rule, Severity, Status
from tests.integration.alert_ground import history, minutes
from warehouse.lake import locks
from warehouse.settings import Settings

RULE = Rule.ASSISTANT_ERRORS
THRESHOLDS = Thresholds(load_defaults(), {})


@dataclass
class Ground:
    """A store of its own, and the notices that were handed over."""

    engine: Engine
    settings: Settings
    told: list[Notice]

    def evaluate(self, at: datetime, *severities: tuple[int, Severity | None]) -> Counter[Do]:
        findings = [a_finding(organization, severity) for organization, severity in severities]
        with transaction(self.engine) as session:
            standings, mutes = read_standings(session, [RULE], at), read_mutes(session, at)
        moment = Moment(at, at)
        return apply(self.engine, plan(findings, standings, THRESHOLDS, moment), mutes, moment)

    def alerts(self) -> list[Alert]:
        with transaction(self.engine) as session:
            return list(session.scalars(select(Alert).order_by(Alert.id)))

    def kinds(self) -> list[NoticeKind]:
        return [notice.kind for notice in self.told]


def a_finding(organization: int, severity: Severity | None) -> Finding:
    value = {None: 6.0, Severity.WARN: 15.0, Severity.CRITICAL: 40.0}[severity]
    key = Fingerprint(organization, RULE, "", "")
    return Finding(key, severity, value, 10.0, 9, "Assistant", "Calls fail", THRESHOLDS.of(RULE, organization, ""))


@pytest.fixture
def ground(new_database: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    settings = Settings(home=tmp_path, warehouse_url=new_database())
    upgrade(settings)
    told: list[Notice] = []
    for module in ("alerts.store", "alerts.apply"):
        monkeypatch.setattr(f"{module}.enqueue", lambda _session, notice: told.append(notice))
    with store(settings) as engine:
        yield Ground(engine, settings, told)


def test_a_life_from_hold_to_resolved_and_back_is_one_alert_with_its_history(ground: Ground) -> None:
    assert ground.evaluate(minutes(0), (1, Severity.WARN)) == {Do.HOLD: 1}
    assert ground.evaluate(minutes(5), (1, Severity.WARN)) == {Do.OPEN: 1}
    assert ground.evaluate(minutes(6), (1, Severity.CRITICAL)) == {Do.WORSEN: 1}
    assert ground.evaluate(minutes(7), (1, Severity.WARN)) == {Do.SUSTAIN: 1}
    assert ground.evaluate(minutes(8)) == {Do.START_CLEARING: 1}
    assert ground.evaluate(minutes(9), (1, None)) == {Do.SUSTAIN: 1}
    assert ground.evaluate(minutes(10)) == {Do.START_CLEARING: 1}
    assert ground.evaluate(minutes(25)) == {Do.RESOLVE: 1}
    assert ground.evaluate(minutes(40), (1, Severity.WARN)) == {Do.HOLD: 1}
    assert ground.evaluate(minutes(45), (1, Severity.WARN)) == {Do.REOPEN: 1}
    (alert,) = ground.alerts()
    assert (alert.status, alert.severity, alert.first_seen) == (Status.OPEN, Severity.WARN, minutes(5))
    assert [event.reason for event in history(ground.engine, alert.id)] == [
        Reason.BREACHED, Reason.WORSENED, Reason.CLEARED, Reason.RETURNED,
    ]  # fmt: skip
    assert ground.kinds() == [
        NoticeKind.OPENED, NoticeKind.SEVERITY_RAISED, NoticeKind.RESOLVED, NoticeKind.REOPENED,
    ]  # fmt: skip
    with transaction(ground.engine) as session:
        assert session.scalars(select(Pending)).all() == []


def test_the_alert_keeps_which_threshold_applied_the_peak_and_the_count(ground: Ground) -> None:
    for minute, severity in ((0, Severity.CRITICAL), (5, Severity.CRITICAL), (6, Severity.WARN)):
        ground.evaluate(minutes(minute), (1, severity))
    (alert,) = ground.alerts()
    assert (alert.value, alert.peak, alert.count) == (15.0, 40.0, 9)
    assert alert.applied["origin"] == "default"
    assert alert.applied["critical"] == 30


def test_an_acked_alert_resolves_itself_and_a_persons_resolve_is_not_undone(ground: Ground) -> None:
    for minute in (0, 5):
        ground.evaluate(minutes(minute), (1, Severity.WARN))
    (alert,) = ground.alerts()
    act(ground.engine, 1, alert.id, Action.RESOLVE, actor_id=3, at=minutes(6))
    assert ground.evaluate(minutes(7), (1, Severity.WARN)) == {}
    assert ground.evaluate(minutes(8)) == {Do.CALM: 1}
    ground.evaluate(minutes(9), (1, Severity.WARN))
    assert ground.evaluate(minutes(14), (1, Severity.WARN)) == {Do.REOPEN: 1}


def test_only_organizations_that_changed_get_a_new_version(ground: Ground) -> None:
    for minute in (0, 5):
        ground.evaluate(minutes(minute), (1, Severity.WARN), (2, Severity.WARN))
    before = read_version(ground.engine, 2)
    ground.evaluate(minutes(6), (1, Severity.WARN), (2, Severity.WARN))
    assert read_version(ground.engine, 2) == before + 1
    assert read_version(ground.engine, 3) == 0


def test_nobody_is_told_under_a_mute_and_everybody_when_it_ends(ground: Ground) -> None:
    with transaction(ground.engine) as session:
        session.add(Mute(organization_id=1, rule=RULE, channel="", until=minutes(30), created_at=minutes(0), note=""))
    for minute in (0, 5):
        ground.evaluate(minutes(minute), (1, Severity.WARN), (2, Severity.WARN))
    assert [(notice.kind, notice.organization_id) for notice in ground.told] == [(NoticeKind.OPENED, 2)]
    healthy = PipelineHealth(minutes(29))
    evaluate_by_clock(ground.settings, healthy, minutes(29))
    assert len(ground.told) == 1
    evaluate_by_clock(ground.settings, healthy, minutes(31))
    evaluate_by_clock(ground.settings, healthy, minutes(32))
    assert [(notice.kind, notice.organization_id) for notice in ground.told[1:]] == [(NoticeKind.OPENED, 1)]


def test_a_critical_alert_is_told_again_once_when_nobody_acks_it(ground: Ground) -> None:
    for minute in (0, 5):
        ground.evaluate(minutes(minute), (1, Severity.CRITICAL))
    for minute in (20, 34, 35, 36, 50):
        evaluate_by_clock(ground.settings, PipelineHealth(minutes(minute)), minutes(minute))
    assert ground.kinds() == [NoticeKind.OPENED, NoticeKind.ESCALATED]
    assert ground.alerts()[0].escalated_at == minutes(35)


def test_figures_that_lag_and_a_job_that_failed_are_alerts_of_the_operations(ground: Ground) -> None:
    evaluate_by_clock(ground.settings, PipelineHealth(minutes(0), ("refresh",)), minutes(50))
    found = {alert.subject: (alert.organization_id, alert.severity) for alert in ground.alerts()}
    assert found == {
        "figures": (OPERATIONS, Severity.CRITICAL),
        "refresh": (OPERATIONS, Severity.WARN),
    }
    for minute in (51, 56):
        evaluate_by_clock(ground.settings, PipelineHealth(minutes(minute)), minutes(minute))
    assert {alert.status for alert in ground.alerts()} == {Status.RESOLVED}


def test_a_second_evaluator_leaves_it_to_the_first(ground: Ground) -> None:
    with ground.engine.connect() as connection:
        connection.exec_driver_sql(f"select pg_advisory_lock({locks.ALERT_JUDGING})")
        report = evaluate_by_clock(ground.settings, PipelineHealth(minutes(0)), minutes(50))
        assert report.is_skipped
    assert alert_store.read_version(ground.engine, OPERATIONS) == 0
