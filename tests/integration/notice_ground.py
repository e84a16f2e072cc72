"""Alerts whose notices wait in the outbox, a clock that tests move, and a pass of delivery.

Belongs here: putting them there as the alert store does. Does not: claims.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, text

from alerts.database import store, transaction
from alerts.delivery.run import DeliveryReport, deliver_due
from alerts.delivery.transports import transports
from alerts.lifecycle import Action, opened
from alerts.migrations import upgrade
from alerts.model import Alert
from alerts.outbox import Notice, NoticeKind, enqueue
from alerts.store import By, bump, life_of, record, step
from alerts.vocabulary import Reason, Rule, Severity, Status
from tests.integration.alert_ground import START
from warehouse.settings import Settings

_REASONS = {
    Action.ESCALATE: Reason.UNATTENDED,
    Action.RESOLVE: Reason.CLEARED,
    Action.REOPEN: Reason.RETURNED,
    Action.WORSEN: Reason.WORSENED,
}


@dataclass
class MovableClock:
    """A clock that stands until it is moved."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **length: float) -> None:
        self.now += timedelta(**length)


@contextmanager
def empty_store(settings: Settings) -> Iterator[Engine]:
    """The store of these settings, with nothing in it."""
    upgrade(settings)
    with store(settings) as engine:
        with transaction(engine) as session:
            session.execute(
                text("truncate alert.alert, alert.notice, alert.message, alert.target restart identity cascade")
            )
        yield engine


@dataclass(frozen=True)
class Ground:
    """A store, its settings, and time."""

    settings: Settings
    engine: Engine
    clock: MovableClock

    def opens(
        self, subject: str, *, organization_id: int = 1, severity: Severity = Severity.CRITICAL,
        title: str = "12.4 % of e-mails bounce",
    ) -> int:  # fmt: skip
        """An alert opens now, and people are to be told; gives its id."""
        now = self.clock()
        with transaction(self.engine) as session:
            bump(session, [organization_id])
            alert = Alert(
                organization_id=organization_id, rule=Rule.BOUNCES, channel="email", subject=subject,
                status=Status.OPEN, severity=severity, title=title, description="518 of 4,180 bounced.", value=12.4,
                peak=18.0, threshold=5.0, applied={"unit": "percent"}, count=518, details={"campaign_id": 812},
                first_seen=now, last_seen=now, created_at=now, updated_at=now, alarm_at=now, is_firing=True,
                is_told=True,
            )  # fmt: skip
            session.add(alert)
            session.flush()
            event_id = record(session, alert, By(Reason.BREACHED, now), None, opened(severity, now))
            enqueue(session, Notice(NoticeKind.OPENED, alert.id, event_id, organization_id, now))
            return alert.id

    def opens_again(self, alert_id: int) -> None:
        """The alert is told of as open once more, though nothing about it changed."""
        now = self.clock()
        with transaction(self.engine) as session:
            alert = session.get_one(Alert, alert_id)
            life = life_of(alert)
            event_id = record(session, alert, By(Reason.MUTE_ENDED, now), life, life)
            enqueue(session, Notice(NoticeKind.OPENED, alert.id, event_id, alert.organization_id, now))

    def goes_on(self, alert_id: int, action: Action, severity: Severity | None = None) -> None:
        """The alert takes a step now."""
        with transaction(self.engine) as session:
            alert = session.get_one(Alert, alert_id)
            bump(session, [alert.organization_id])
            assert step(session, alert, action, By(_REASONS[action], self.clock()), severity=severity)

    def delivers(self, **changed: object) -> DeliveryReport:
        """A pass now, with the settings changed so."""
        settings = self.settings.model_copy(update=changed)
        return deliver_due(settings, self.clock, transports(settings))
