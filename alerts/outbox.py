"""What there is to tell people: a notice a change of an alert that is worth a message.

Belongs here: the notice and handing it over, in the transaction that changes the alert.
Does not: which change is worth one (lifecycle.py), sending.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from warehouse.lake.sql import statement


class NoticeKind(StrEnum):
    """Why people are told: each kind is new information, so the same state is never told twice."""

    OPENED = "opened"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    SEVERITY_RAISED = "severity_raised"


@dataclass(frozen=True)
class Notice:
    """One change of one alert that people are told of; `event_id` is unique and so tells two notices apart."""

    kind: NoticeKind
    alert_id: int
    event_id: int
    organization_id: int
    at: datetime


def enqueue(session: Session, notice: Notice) -> None:
    """Hands a notice over within the session's transaction: told if and only if the change was committed.

    What the alert is now goes with it, so that a message sent hours later says what was true then. A second notice of
    the same event is none.
    """
    session.flush()
    values = {"event_id": notice.event_id, "kind": notice.kind.value, "at": notice.at}
    session.execute(text(statement("alerts", "enqueue")), values)
