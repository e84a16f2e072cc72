"""The rules: each a pure function from one fact and the limits that apply to it to a finding, or None.

Belongs here: which rule reads which facts over which window. Does not: limits (thresholds.toml), holding and clearing
(evaluate.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.finding import Finding
from alerts.limits import Default
from alerts.rules import callbacks, conduct, delivery, email, platform
from alerts.thresholds import Applied
from alerts.vocabulary import Rule
from warehouse.facts import read
from warehouse.facts.fact_lake import FactLake
from warehouse.facts.span import span_before, whole_buckets_before


@dataclass(frozen=True)
class Reading:
    """What a reader must know: its window, and the least value that any organization's limits look at."""

    window_minutes: int
    buckets: int
    least_clear: float


Judge = Callable[[Any, Applied, Default], Finding | None]
Reader = Callable[[FactLake, datetime, Reading], Sequence[Any]]


@dataclass(frozen=True)
class RuleCard:
    """A rule: what reads its facts and what judges one of them; the channel of facts that have none of their own."""

    rule: Rule
    read: Reader
    judge: Judge
    channel: str = ""


def _traffic(lake: FactLake, at: datetime, limits: Reading) -> Sequence[Any]:
    return read.channel_traffic(lake, span_before(at, limits.window_minutes))


def _emails(lake: FactLake, at: datetime, limits: Reading) -> Sequence[Any]:
    return read.email_endings(lake, span_before(at, limits.window_minutes))


def _activity(lake: FactLake, at: datetime, limits: Reading) -> Sequence[Any]:
    return read.activity(lake, span_before(at, limits.window_minutes))


def _latency(lake: FactLake, at: datetime, limits: Reading) -> Sequence[Any]:
    return read.latency(lake, whole_buckets_before(at, limits.window_minutes), limits.buckets, limits.least_clear)


def _unconfigured(lake: FactLake, at: datetime, limits: Reading) -> Sequence[Any]:
    return read.unconfigured(lake, span_before(at, limits.window_minutes))


def _platform(lake: FactLake, at: datetime, limits: Reading) -> Sequence[Any]:
    return read.platform_alerts(lake, span_before(at, limits.window_minutes))


CARDS = (
    RuleCard(Rule.CALLBACK_FAILURES, _traffic, callbacks.callback_failures),
    RuleCard(Rule.DELIVERY_FAILURES, _traffic, delivery.delivery_failures),
    RuleCard(Rule.DELIVERY_FAILURE_SPIKE, _traffic, delivery.delivery_failure_spike),
    RuleCard(Rule.BOUNCES, _emails, email.bounces, channel="email"),
    RuleCard(Rule.BOUNCE_SPIKE, _emails, email.bounce_spike, channel="email"),
    RuleCard(Rule.SPAM_COMPLAINTS, _emails, email.spam_complaints, channel="email"),
    RuleCard(Rule.BOOKING_ERRORS, _activity, conduct.booking_errors),
    RuleCard(Rule.ASSISTANT_ERRORS, _activity, conduct.assistant_errors),
    RuleCard(Rule.INTEGRATION_MISSING, _unconfigured, delivery.integration_missing),
    RuleCard(Rule.WEBHOOK_SILENCE, _traffic, callbacks.webhook_silence),
    RuleCard(Rule.LATENCY, _latency, callbacks.latency),
    RuleCard(Rule.PLATFORM_ALERTS, _platform, platform.platform_alerts),
)
"""Every rule that judges organizations; stale_pipeline judges the monitoring itself (rules/pipeline.py)."""
