"""Alerts as the API tells them, and what may be asked of them.

Belongs here: models of the alert routes, and an alert's form made of its row. Does not: routes.
"""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from alerts.feed import related
from alerts.model import Alert, Event, Mute
from alerts.vocabulary import Rule, Status
from api.schemas.shared import NEXT, AskedMoment, ChannelName, Moment, SpanParameters, clamped
from warehouse.queries.newest import POSITION

RuleName = Literal[
    "callback_failures", "delivery_failures", "delivery_failure_spike", "bounces", "bounce_spike", "spam_complaints",
    "booking_errors", "assistant_errors", "integration_missing", "webhook_silence", "latency", "platform_alerts",
    "stale_pipeline",
]  # fmt: skip
SeverityName = Literal["info", "warn", "critical"]
StatusName = Literal["open", "acked", "resolved"]
ActionName = Literal["ack", "resolve", "reopen"]

_DIGITS = re.compile(r"[0-9]{1,18}", re.ASCII)
_WORDS = {"true": True, "1": True, "false": False, "0": False}


def _number(value: object) -> object:
    """Forms have no numbers and no null, only digits and nothing."""
    if not isinstance(value, str):
        return value
    if value and not _DIGITS.fullmatch(value):
        raise ValueError("give the number of an alert")
    return int(value) if value else None


def _yes_or_no(value: object) -> object:
    return _WORDS.get(value.lower(), value) if isinstance(value, str) else value


AlertNumber = Annotated[
    int | None,
    BeforeValidator(_number),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^[0-9]{1,18}$"}, {"type": "null"}]}),
]
YesOrNo = Annotated[
    bool,
    BeforeValidator(_yes_or_no),
    WithJsonSchema({"anyOf": [{"type": "boolean"}, {"enum": ["true", "false", "1", "0"]}]}),
]


class AlertsParameters(SpanParameters):
    """Filters and paging of the list of alerts; the span is that in which they opened, and a named one has no end."""

    severity: SeverityName | None = None
    status: StatusName | None = None
    channel: ChannelName | None = None
    rule: RuleName | None = None
    q: str | None = Field(None, min_length=1, max_length=200, description="Looked for in title, text, category, rule.")
    limit: Annotated[int, clamped(500)] = Field(50, description="Most that are answered; drawn in to 1 to 500.")
    offset: int = Field(
        0, ge=0, le=1_000_000, description="How many are left out before them; a new one moves all that follow."
    )
    cursor: str | None = Field(None, pattern=f"^{POSITION}$", description=f"{NEXT} Without `offset`.")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.cursor is not None and self.offset:
            raise ValueError("give `cursor` or `offset`, not both")
        return self


class RelatedOut(BaseModel):
    """One object an alert concerns, of each kind, where one is known."""

    campaign_id: int | None
    email_job_id: int | None
    outbound_message_id: int | None
    booking_id: int | None


class AlertOut(BaseModel):
    """One alert. The keys of today's clients come first."""

    id: int
    category: str = Field(description="The platform's category of its own alerts, the rule of the others.")
    severity: SeverityName
    message: str
    metadata: dict[str, Any] = Field(description="Examples of what it concerns, and the `threshold` that applied.")
    created_at: Moment
    is_acknowledged: bool = Field(description="Acked or resolved.")

    title: str
    description: str
    channel: str | None
    status: StatusName
    updated_at: Moment
    request_id: str | None = Field(description="The request that changed it last.")
    related: RelatedOut
    rule: RuleName
    count: int = Field(description="The most things (messages, callbacks, …) one window held.")
    value: float
    threshold: float = Field(description="The limit that was reached.")
    first_seen: Moment
    last_seen: Moment
    acked_by: int | None
    acked_at: Moment | None
    resolved_at: Moment | None
    escalated_at: Moment | None
    runbook: str = Field(description="What it means and what to do.")
    is_operations: bool = Field(description="It concerns the monitoring itself; only its operators act on it.")


class EventOut(BaseModel):
    """One change of an alert; `by` is the user, null for the monitoring itself."""

    id: int
    at: Moment
    by: int | None
    reason: str
    from_status: StatusName | None
    to_status: StatusName
    from_severity: SeverityName | None
    to_severity: SeverityName
    value: float | None
    request_id: str | None
    note: str


class AlertDetailOut(AlertOut):
    """One alert with its history, oldest first."""

    history: list[EventOut]


class NoteBody(BaseModel):
    """What may be said with a change."""

    model_config = ConfigDict(extra="forbid")

    note: str = Field("", max_length=2_000)


class BulkBody(NoteBody):
    """One action on many alerts."""

    ids: list[int] = Field(min_length=1, max_length=500)
    action: ActionName


class BulkItemOut(BaseModel):
    """What became of one alert of many: `ok`, `conflict` (`status` says where it is), `forbidden` or `not_found`."""

    id: int
    outcome: Literal["ok", "conflict", "forbidden", "not_found"]
    status: StatusName | None
    detail: str | None


class BulkOut(BaseModel):
    """What became of each."""

    results: list[BulkItemOut]


class AcknowledgeBody(BaseModel):
    """What today's clients send, as JSON or as a form, whose values are all texts; other keys mean nothing here."""

    id: AlertNumber = None
    acknowledge: YesOrNo = True


class AcknowledgeOut(BaseModel):
    """What today's clients read."""

    status: Literal["ok"] = "ok"
    is_acknowledged: bool


class ThresholdOut(BaseModel):
    """A rule's limits: the defaults, an organization's own, and what applies to each channel ('' to all of it)."""

    rule: RuleName
    unit: str
    least: float = Field(description="The least that info, warn, critical and clear may be, in `unit`.")
    most: float = Field(description="The most that they may be.")
    why: str
    window_minutes: int
    default: dict[str, Any]
    own: dict[str, dict[str, Any]] = Field(description="By channel; '' is for every channel.")
    applied: dict[str, dict[str, Any]] = Field(
        description="By channel, each with its `origin`; of a channel that is not named, what '' says holds."
    )


class ThresholdsOut(BaseModel):
    """Every rule's limits."""

    thresholds: list[ThresholdOut]


class ThresholdParameters(BaseModel):
    """Which limits."""

    model_config = ConfigDict(extra="forbid")

    rule: RuleName
    channel: ChannelName | None = Field(None, description="Only this channel; without it every channel.")


class ThresholdBody(ThresholdParameters):
    """An organization's own limits; what is not named stays as it is by default."""

    values: dict[str, float | int | bool | None] = Field(min_length=1)


class MuteBody(BaseModel):
    """What is to be kept quiet; without rule or channel every one."""

    model_config = ConfigDict(extra="forbid")

    rule: RuleName | None = None
    channel: ChannelName | None = None
    until: AskedMoment
    note: str = Field("", max_length=2_000)


class MuteOut(BaseModel):
    """A mute that has not ended."""

    id: int
    rule: RuleName | None
    channel: str | None
    until: Moment
    created_at: Moment
    created_by: int | None
    note: str


class MutesOut(BaseModel):
    """Every mute that has not ended."""

    mutes: list[MuteOut]


class DoneOut(BaseModel):
    """It was done."""

    status: Literal["ok"] = "ok"


def alert_out(alert: Alert, runbook_url: str) -> AlertOut:
    """An alert's row as it is told. Pure."""
    return AlertOut(**_alert_values(alert, runbook_url))


def alert_detail_out(alert: Alert, events: list[Event], runbook_url: str) -> AlertDetailOut:
    """An alert's row with its history. Pure."""
    names = [name for name in EventOut.model_fields if name != "by"]
    history = [EventOut(by=event.actor_id, **{name: getattr(event, name) for name in names}) for event in events]
    return AlertDetailOut(**_alert_values(alert, runbook_url), history=history)


def mute_out(mute: Mute) -> MuteOut:
    """A mute's row as it is told. Pure."""
    values = {name: getattr(mute, name) for name in MuteOut.model_fields}
    return MuteOut.model_validate({**values, "rule": mute.rule or None, "channel": mute.channel or None})


def _alert_values(alert: Alert, runbook_url: str) -> dict[str, Any]:
    same = {name: getattr(alert, name) for name in AlertOut.model_fields if hasattr(alert, name) and name != "metadata"}
    return same | {
        "category": alert.subject if alert.rule == Rule.PLATFORM_ALERTS else alert.rule,
        "message": f"{alert.title}. {alert.description}",
        "metadata": {**alert.details, "threshold": alert.applied},
        "is_acknowledged": alert.status != Status.OPEN,
        "channel": alert.channel or None,
        "related": related(alert),
        "runbook": f"{runbook_url}#{alert.rule.replace('_', '-')}",
        "is_operations": not alert.organization_id,
    }
