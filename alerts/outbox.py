"""What there is to tell people: a notice a change of an alert that is worth a message.

Belongs here: the notice and handing it over, in the transaction that changes the alert.
Does not: which change is worth one (lifecycle.py), sending.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session


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
    """Hands a notice over within the session's transaction: told if and only if the change was committed."""
    del session, notice  # nobody is to be told yet: there is no target that could be set
