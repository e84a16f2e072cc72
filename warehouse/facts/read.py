"""Reads facts: one statement for all organizations and all windows that are asked about, rows as typed tuples.

Belongs here: the kinds of facts. Does not: when an amount is too much (alerts/rules/).
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from warehouse.facts.fact_lake import FactLake
from warehouse.facts.span import Span, bound
from warehouse.latency.sketch import GAMMA, bucket_of

_Fact = TypeVar("_Fact")


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


def channel_traffic(lake: FactLake, spans: Sequence[Span]) -> list[list[ChannelTraffic]]:
    """Of each span, one row an organization and channel with traffic in it."""
    return _of_each(spans, ChannelTraffic, lake.rows("channel_traffic", bound(spans)))


def email_endings(lake: FactLake, spans: Sequence[Span]) -> list[list[EmailEndings]]:
    """Of each span, one row an organization with e-mails in it."""
    return _of_each(spans, EmailEndings, lake.rows("email_endings", bound(spans)))


def activity(lake: FactLake, spans: Sequence[Span]) -> list[list[Activity]]:
    """Of each span, one row an organization with bookings or calls of language models in it."""
    return _of_each(spans, Activity, lake.rows("activity", bound(spans)))


def latency(lake: FactLake, spans: Sequence[Span], slots: int, least_ms: float) -> list[list[Latency]]:
    """Of each span, one row an organization and channel.

    Each span, all of one length, is cut into so many slots; those with a lower p95 are left out.
    """
    values = {
        **bound(spans),
        "slot_us": int((spans[0].end - spans[0].start).total_seconds() * 1e6) // slots,
        "least_bucket": bucket_of(max(least_ms, 1)),
    }
    return _of_each(spans, Latency, lake.rows("latency", values, gamma=repr(GAMMA)))


def unconfigured(lake: FactLake, spans: Sequence[Span]) -> list[list[Unconfigured]]:
    """Of each span, one row an organization and channel in use, no integration of which, as of now, could send."""
    return _of_each(spans, Unconfigured, lake.rows("unconfigured", bound(spans)))


def platform_alerts(lake: FactLake, spans: Sequence[Span]) -> list[list[PlatformAlerts]]:
    """Of each span, one row an organization, category and channel."""
    found = _of_each(spans, PlatformAlerts, lake.rows("platform_alerts", bound(spans)))
    return [
        [
            fact._replace(first_seen=fact.first_seen.replace(tzinfo=UTC), last_seen=fact.last_seen.replace(tzinfo=UTC))
            for fact in facts
        ]
        for facts in found
    ]


def _of_each(spans: Sequence[Span], kind: type[_Fact], rows: Iterable[tuple[Any, ...]]) -> list[list[_Fact]]:
    """The facts of rows that begin with the number of their span."""
    found: list[list[_Fact]] = [[] for _ in spans]
    for number, *values in rows:
        found[number].append(kind(*values))
    return found
