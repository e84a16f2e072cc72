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
from warehouse.facts.span import Span, span_before, whole_buckets_before


@dataclass(frozen=True)
class Reading:
    """What a reader must know: its window, and the least value that any organization's limits look at."""

    window_minutes: int
    buckets: int
    least_clear: float


Judge = Callable[[Any, Applied, Default], Finding | None]
Facts = Sequence[Sequence[Any]]
"""Of each moment that was asked about, what is to be judged."""
Reader = Callable[[FactLake, Sequence[datetime], Reading], Facts]


@dataclass(frozen=True)
class RuleCard:
    """A rule: what reads its facts and what judges one of them; the channel of facts that have none of their own."""

    rule: Rule
    read: Reader
    judge: Judge
    channel: str = ""


def _traffic(lake: FactLake, moments: Sequence[datetime], reading: Reading) -> Facts:
    return read.channel_traffic(lake, _before(moments, reading))


def _emails(lake: FactLake, moments: Sequence[datetime], reading: Reading) -> Facts:
    return read.email_endings(lake, _before(moments, reading))


def _activity(lake: FactLake, moments: Sequence[datetime], reading: Reading) -> Facts:
    return read.activity(lake, _before(moments, reading))


def _latency(lake: FactLake, moments: Sequence[datetime], reading: Reading) -> Facts:
    spans = [whole_buckets_before(at, reading.window_minutes) for at in moments]
    return read.latency(lake, spans, reading.buckets, reading.least_clear)


def _unconfigured(lake: FactLake, moments: Sequence[datetime], reading: Reading) -> Facts:
    return read.unconfigured(lake, _before(moments, reading))


def _platform(lake: FactLake, moments: Sequence[datetime], reading: Reading) -> Facts:
    return read.platform_alerts(lake, _before(moments, reading))


def _before(moments: Sequence[datetime], reading: Reading) -> list[Span]:
    return [span_before(at, reading.window_minutes) for at in moments]


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
