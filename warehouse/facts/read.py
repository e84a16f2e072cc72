"""Reads facts: one statement for all organizations, rows as typed tuples.

Belongs here: the kinds of facts. Does not: when an amount is too much (alerts/rules/).
"""

from datetime import UTC, datetime
from typing import NamedTuple

from warehouse.facts.fact_lake import FactLake
from warehouse.facts.span import Span
from warehouse.latency.sketch import GAMMA, bucket_of


class ChannelTraffic(NamedTuple):
    """Sends and callbacks of a channel; `attempted` are those whose fate began: sent or failed."""

    organization_id: int
    channel: str
    attempted: int
    failed: int
    sent: int
    callbacks: int
    callback_errors: int
    usual_attempted: int
    usual_failed: int
    usual_sent: int
    usual_callbacks: int


class EmailEndings(NamedTuple):
    """How e-mails ended."""

    organization_id: int
    attempted: int
    bounced: int
    spam: int
    usual_attempted: int
    usual_bounced: int


class Activity(NamedTuple):
    """Bookings, and calls of language models."""

    organization_id: int
    bookings: int
    bookings_cancelled: int
    llm_calls: int
    llm_failed: int


class Latency(NamedTuple):
    """Callbacks with a known latency and their p95 in ms, one entry a slot whose p95 is of interest."""

    organization_id: int
    channel: str
    callbacks: list[int]
    p95_ms: list[float]


class Unconfigured(NamedTuple):
    """Messages written for a channel that can't send, and what it lacks."""

    organization_id: int
    channel: str
    messages: int
    lack: str


class PlatformAlerts(NamedTuple):
    """The platform's own alerts of a category and channel, as a count with examples."""

    organization_id: int
    category: str
    channel: str
    rows: int
    errors: int
    warnings: int
    first_seen: datetime
    last_seen: datetime
    outbound_ids: list[int]
    booking_ids: list[int]
    campaign_ids: list[int]
    template: str | None


def channel_traffic(lake: FactLake, span: Span) -> list[ChannelTraffic]:
    """One row an organization and channel with traffic in the span."""
    return [ChannelTraffic(*row) for row in lake.rows("channel_traffic", span.values)]


def email_endings(lake: FactLake, span: Span) -> list[EmailEndings]:
    """One row an organization with e-mails in the span."""
    return [EmailEndings(*row) for row in lake.rows("email_endings", span.values)]


def activity(lake: FactLake, span: Span) -> list[Activity]:
    """One row an organization with bookings or calls of language models in the span."""
    return [Activity(*row) for row in lake.rows("activity", _recent(span))]


def latency(lake: FactLake, span: Span, slots: int, least_ms: float) -> list[Latency]:
    """One row an organization and channel; the span is cut into so many slots, those with a lower p95 are left out."""
    values = {
        **_recent(span),
        "slot_us": int((span.end - span.start).total_seconds() * 1e6) // slots,
        "least_bucket": bucket_of(max(least_ms, 1)),
    }
    return [Latency(*row) for row in lake.rows("latency", values, gamma=repr(GAMMA))]


def unconfigured(lake: FactLake, span: Span) -> list[Unconfigured]:
    """One row an organization and channel that is used and has no integration that could send, as of now."""
    return [Unconfigured(*row) for row in lake.rows("unconfigured", _recent(span))]


def platform_alerts(lake: FactLake, span: Span) -> list[PlatformAlerts]:
    """One row an organization, category and channel."""
    found = [PlatformAlerts(*row) for row in lake.rows("platform_alerts", _recent(span))]
    return [
        fact._replace(first_seen=fact.first_seen.replace(tzinfo=UTC), last_seen=fact.last_seen.replace(tzinfo=UTC))
        for fact in found
    ]


def _recent(span: Span) -> dict[str, object]:
    return {key: value for key, value in span.values.items() if not key.startswith("usual")}
