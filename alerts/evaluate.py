"""One evaluation: facts → findings → plan → applied.

Belongs here: the order, one evaluator at a time, what it reports. Does not: any of the parts. Time is an argument.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, text

from alerts.apply import apply
from alerts.database import store, transaction
from alerts.finding import Finding
from alerts.health import note_evaluation
from alerts.limits import Default
from alerts.overrides import read_thresholds
from alerts.plan import Do, Moment, plan, plan_by_clock
from alerts.rules import CARDS, Facts, Reading, RuleCard
from alerts.rules.pipeline import PipelineHealth, stale_pipeline
from alerts.standing import read_mutes, read_standings, read_waiting
from alerts.thresholds import Thresholds, load_defaults
from alerts.vocabulary import OPERATIONS, Rule
from warehouse.facts.fact_lake import FactLake
from warehouse.lake import locks
from warehouse.lake.connection import open_lake
from warehouse.lake.connection import transaction as lake_transaction
from warehouse.lake.state import read_state
from warehouse.settings import Settings

_AT_ONCE = 288
"""Moments whose facts are read together, and held in memory until they are judged: a day of them."""
ORGANIZATION_RULES = tuple(card.rule for card in CARDS)


@dataclass(frozen=True)
class EvaluationReport:
    """What one evaluation found and changed; `skipped` when another was under way."""

    at: Moment
    findings: int = 0
    done: Mapping[Do, int] | None = None
    seconds: float = 0.0
    is_skipped: bool = False

    def __str__(self) -> str:
        if self.is_skipped:
            return "another evaluation is under way"
        done = ", ".join(f"{count:,} {do}" for do, count in sorted((self.done or {}).items()) if count) or "no change"
        return f"{self.findings:,} findings as of {self.at.as_of:%H:%M:%S} UTC: {done} ({self.seconds:.2f} s)"


def evaluate_organizations(settings: Settings, now: datetime) -> EvaluationReport:
    """Judges every organization by the figures the lake holds, as of the moment they stand for.

    Raises WarehouseEmptyError, WarehouseUnavailableError.
    """
    started = time.monotonic()
    defaults = load_defaults(settings.alert_thresholds)
    with store(settings) as engine, _one_evaluator(engine) as is_mine:
        if not is_mine:
            return EvaluationReport(Moment(now, now), is_skipped=True)
        thresholds = read_thresholds(engine, defaults)
        with open_lake(settings, read_only=True) as lake, lake_transaction(lake):
            state = read_state(lake)
            at = Moment(now, min(now, state.rolled_up_as_of or state.as_of))
            [findings] = find_all(FactLake(lake), [at.as_of], thresholds)
        done = _change(engine, findings, ORGANIZATION_RULES, thresholds, at)
        note_evaluation(engine, at)
    return EvaluationReport(at, len(findings), done, time.monotonic() - started)


def evaluate_by_clock(settings: Settings, health: PipelineHealth, now: datetime) -> EvaluationReport:
    """What needs no new figures: the monitoring's own health, escalation, mutes that ended."""
    started, at = time.monotonic(), Moment(now, now)
    defaults = load_defaults(settings.alert_thresholds)
    with store(settings) as engine, _one_evaluator(engine) as is_mine:
        if not is_mine:
            return EvaluationReport(at, is_skipped=True)
        thresholds = read_thresholds(engine, defaults)
        applied = thresholds.of(Rule.STALE_PIPELINE, OPERATIONS, "")
        findings = list(stale_pipeline(health, applied, now)) if applied.limits.is_enabled else []
        done = _change(engine, findings, (Rule.STALE_PIPELINE,), thresholds, at)
        with transaction(engine) as session:
            mutes, waiting = read_mutes(session, now), read_waiting(session)
        done += apply(engine, plan_by_clock(waiting, thresholds, mutes, now), mutes, at)
    return EvaluationReport(at, len(findings), done, time.monotonic() - started)


def find_all(
    lake: FactLake, moments: Sequence[datetime], thresholds: Thresholds, cards: Sequence[RuleCard] = CARDS
) -> Iterator[list[Finding]]:
    """What the rules find in all organizations at each of some moments.

    Facts are read by one statement for up to `_AT_ONCE` moments, and once where several rules judge them.
    """
    for first in range(0, len(moments), _AT_ONCE):
        yield from _find_at_once(lake, moments[first : first + _AT_ONCE], thresholds, cards)


def _find_at_once(
    lake: FactLake, moments: Sequence[datetime], thresholds: Thresholds, cards: Iterable[RuleCard]
) -> list[list[Finding]]:
    facts: dict[tuple[object, int], Facts] = {}
    found: list[list[Finding]] = [[] for _ in moments]
    for card in cards:
        default: Default = thresholds.defaults[card.rule]
        key = (card.read, default.window_minutes)
        if key not in facts:
            reading = Reading(default.window_minutes, default.buckets, thresholds.least_clear(card.rule))
            facts[key] = card.read(lake, moments, reading)
        for findings, of_moment in zip(found, facts[key], strict=True):
            findings.extend(_judged(of_moment, card, default, thresholds))
    return found


def _judged(facts: Iterable[Any], card: RuleCard, default: Default, thresholds: Thresholds) -> Iterator[Finding]:
    for fact in facts:
        applied = thresholds.of(card.rule, fact.organization_id, getattr(fact, "channel", card.channel))
        finding = card.judge(fact, applied, default) if applied.limits.is_enabled else None
        if finding is not None:
            yield finding


def _change(
    engine: Engine, findings: list[Finding], rules: Iterable[Rule], thresholds: Thresholds, at: Moment
) -> Counter[Do]:
    with transaction(engine) as session:
        standings, mutes = read_standings(session, rules, at.now), read_mutes(session, at.now)
    return apply(engine, plan(findings, standings, thresholds, at), mutes, at)


@contextmanager
def _one_evaluator(engine: Engine) -> Iterator[bool]:
    """Whether this process may evaluate; the lock ends with its connection, so a killed one leaves none behind."""
    with engine.connect() as connection:
        is_mine = bool(
            connection.execute(text("select pg_try_advisory_lock(:lock)"), {"lock": locks.ALERT_JUDGING}).scalar()
        )
        try:
            yield is_mine
        finally:
            if is_mine:
                connection.execute(text("select pg_advisory_unlock(:lock)"), {"lock": locks.ALERT_JUDGING})
            connection.rollback()
