"""An alert store to test on, and alerts put there as an evaluation would.

Belongs here: rows with sensible values. Does not: claims.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select

from alerts.database import transaction
from alerts.lifecycle import opened
from alerts.model import Alert, Event
from alerts.store import By, bump, record
from alerts.vocabulary import Reason, Rule, Severity, Status

START = datetime(2026, 6, 1, 12, tzinfo=UTC)


def minutes(number: float) -> datetime:
    """A moment some minutes after the start."""
    return START + timedelta(minutes=number)


def an_alert(
    engine: Engine, organization_id: int = 1, *, rule: Rule = Rule.LATENCY, channel: str = "email", subject: str = "",
    severity: Severity = Severity.CRITICAL, at: datetime = START,
) -> int:  # fmt: skip
    """Opens an alert; gives its id."""
    with transaction(engine) as session:
        bump(session, [organization_id])
        alert = Alert(
            organization_id=organization_id, rule=rule, channel=channel, subject=subject, status=Status.OPEN,
            severity=severity, title="Slow", description="p95 is high", value=9.0, peak=9.0, threshold=5.0, applied={},
            count=1, details={}, first_seen=at, last_seen=at, created_at=at, updated_at=at, alarm_at=at,
            is_firing=True, is_told=True,
        )  # fmt: skip
        session.add(alert)
        session.flush()
        record(session, alert, By(Reason.BREACHED, at), None, opened(severity, at))
        return alert.id


def history(engine: Engine, alert_id: int) -> list[Event]:
    """The events of an alert, oldest first."""
    with transaction(engine) as session:
        return list(session.scalars(select(Event).where(Event.alert_id == alert_id).order_by(Event.id)))
