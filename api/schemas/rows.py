"""Single callbacks and messages: parameters and answers.

Belongs here: GET /api/monitoring/events/ and /messages/. Does not: their counts (details.py).
"""

from datetime import datetime, time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.schemas.shared import NEXT, ChannelName, Moment, SpanParameters, clamped
from warehouse.failure_reasons import Reason
from warehouse.queries.messages import SOURCES, Direction
from warehouse.queries.newest import POSITION, position_of
from warehouse.queries.window import Asked, Range

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
State = Literal["queued", "sent", "delivered", "read", "failed", "skipped", "retrying", "unsubscribed"]


class EventsParameters(SpanParameters):
    """Parameters of GET /api/monitoring/events/; without a span it is today's, as on the platform."""

    limit: Annotated[int, clamped(1000)] = Field(100, description="Most that are answered; drawn in to 1 to 1000.")
    channel: ChannelName | None = Field(None, description="Only of this channel.")
    status: Annotated[str, StringConstraints(to_lower=True, min_length=1, max_length=64)] | None = Field(
        None, description="Only of this status, as the provider says it."
    )
    cursor: str | None = Field(None, pattern=f"^{POSITION}$", description=NEXT)

    def asked(self) -> Asked:
        """The span that is asked for; of a list that began before midnight, its own day and not the next."""
        asked = super().asked()
        if asked.range or asked.start or asked.end:
            return asked
        if self.cursor is None:
            return Asked(Range.TODAY, zone=asked.zone)
        day = position_of(self.cursor).at.astimezone(asked.zone).date()
        return Asked(None, datetime.combine(day, time()), zone=asked.zone)


class EventOut(BaseModel):
    """A callback of a provider. `latency_ms` is 0 where it is not known."""

    id: int
    channel: str
    status: str
    latency_ms: int
    received_at: Moment
    outbound_id: int | None


class MessagesParameters(SpanParameters):
    """Parameters of GET /api/monitoring/messages/."""

    direction: Direction = Field(
        "outbound", description="Inbound messages have a channel and a time, and nothing else."
    )
    limit: int = Field(100, ge=1, le=1000, description="Most that are answered.")
    channel: ChannelName | None = Field(None, description="Only of this channel.")
    status: State | None = Field(
        None, description="Only in this very state: `sent` is accepted by the provider and nothing more known."
    )
    reason: Reason | None = Field(None, description="Only failed for this normalized reason.")
    template: str | None = Field(
        None, max_length=2000, description="Only with this masked error text; empty: with none."
    )
    campaign_id: Id | None = Field(None, description="Only this campaign's recipients.")
    email_job_id: Id | None = Field(None, description="Only this e-mail job's recipients.")
    cursor: str | None = Field(None, pattern=f"^{POSITION}-({'|'.join(SOURCES)})$", description=NEXT)


class MessageOut(BaseModel):
    """A message, without its text and whom it went to. An id is one of its `source`; what that doesn't tell is null."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    source: str
    channel: str
    status: str
    created_at: Moment
    sent_at: Moment | None
    delivered_at: Moment | None
    read_at: Moment | None
    failed_at: Moment | None
    template: str | None = Field(description="The masked error text.")
    reason: str | None = Field(description="The normalized reason of a failure.")
    retry_count: int | None
    campaign_id: int | None
    email_job_id: int | None


class MessagesOut(BaseModel):
    """A page of messages, newest first; `next_cursor` is null on the last."""

    results: list[MessageOut]
    next_cursor: str | None
    notices: list[str]
