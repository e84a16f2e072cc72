"""A message: what happened to alerts of one organization, for one target.

Belongs here: its types, as every transport gets them. Does not: words (wording.py), the rows they are made of
(alerts/delivery/).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict

from alerts.outbox import NoticeKind
from alerts.vocabulary import Severity, Status

UtcTime = Annotated[datetime, AfterValidator(lambda at: at.astimezone(UTC))]


class AlertState(BaseModel):
    """An alert as it was in the transaction that wrote the notice: a message that is tried again says the same."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: int
    organization_id: int
    rule: str
    channel: str
    subject: str
    status: Status
    severity: Severity
    title: str
    description: str
    value: float
    peak: float
    threshold: float
    applied: dict[str, Any]
    count: int
    details: dict[str, Any]
    first_seen: UtcTime
    last_seen: UtcTime
    created_at: UtcTime
    alarm_at: UtcTime
    acked_by: int | None
    acked_at: UtcTime | None
    resolved_at: UtcTime | None
    escalated_at: UtcTime | None
    request_id: str | None


class EventState(BaseModel):
    """The change itself: why, by whom (None: the monitoring), and what they noted."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: int
    reason: str
    actor_id: int | None
    note: str


class Item(BaseModel):
    """One notice: what happened to an alert, when."""

    model_config = ConfigDict(frozen=True)

    kind: NoticeKind
    at: UtcTime
    alert: AlertState
    event: EventState


@dataclass(frozen=True)
class Links:
    """Where links lead: the dashboards (None: nowhere), and the page that says of each rule what to do."""

    dashboard_url: str | None = None
    runbook_url: str = "docs/alerts.md"


@dataclass(frozen=True)
class Message:
    """What is sent to a target at once; `items` in the order in which they happened.

    `key` stays the same whenever it is sent: receivers drop a message whose key they know. `earlier` are the keys of
    messages to the same target about the same alerts, oldest first. `organization` is its name.
    """

    key: UUID
    organization_id: int
    organization: str
    at: datetime
    items: Sequence[Item]
    earlier: Sequence[UUID] = ()
    links: Links = Links()
    is_test: bool = False


@dataclass(frozen=True)
class Address:
    """Where a message goes; `secret` signs it where the channel can. Neither is ever shown."""

    value: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)
