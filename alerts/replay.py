"""Runs the rules over history: what would have fired, opened and cleared, so that thresholds can be tuned.

Belongs here: an evaluation every few minutes of the past, with alerts kept in memory. Does not: the store, which it
never touches. It judges rows as they are known today: a message that failed an hour after it was written counts as
failed from the start, integrations count as they are now, and the pipeline's own health has no history.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from alerts.evaluate import find_all
from alerts.finding import Finding, Fingerprint
from alerts.lifecycle import Action, after, opened
from alerts.plan import Do, Moment, Step, plan
from alerts.rules import CARDS, RuleCard
from alerts.standing import Standing
from alerts.thresholds import Thresholds
from alerts.vocabulary import Rule, Severity
from warehouse.facts.fact_lake import held
from warehouse.facts.span import BUCKET, span_before
from warehouse.lake.connection import Connection

_ACTIONS = {Do.REOPEN: Action.REOPEN, Do.WORSEN: Action.WORSEN, Do.RESOLVE: Action.RESOLVE}


@dataclass(frozen=True)
class Asked:
    """What is replayed: from `start` up to, without, `end`, an evaluation every so often."""

    start: datetime
    end: datetime
    every: timedelta = BUCKET
    organization_id: int | None = None
    rule: Rule | None = None

    def moments(self) -> list[datetime]:
        """The evaluations, on edges of buckets, so that nothing after a moment is looked at."""
        first = span_before(self.start, 5).end
        return [first + self.every * number for number in range(max(0, ceil((self.end - first) / self.every)))]

    def cards(self) -> tuple[RuleCard, ...]:
        """The rules that are replayed."""
        return tuple(card for card in CARDS if self.rule in {None, card.rule})


@dataclass(frozen=True)
class Episode:
    """One alert that would have been; `resolved_at` is None when it would still be open at the end."""

    fingerprint: Fingerprint
    severity: Severity
    title: str
    opened_at: datetime
    resolved_at: datetime | None
    reopened: int
    peak: float
    threshold: float
    count: int
    origin: str


def replay(
    lake: Connection, thresholds: Thresholds, asked: Asked, on_judged: Callable[[int], object] = lambda _: None
) -> list[Episode]:
    """The alerts that would have been, in the order of their opening; `on_judged` is told of each so many moments."""
    moments = asked.moments()
    standings: dict[Fingerprint, Standing] = {}
    episodes: list[Episode] = []
    latest: dict[Fingerprint, int] = {}
    with held(lake, asked.start, asked.end, asked.organization_id) as facts:
        for moment, findings in zip(moments, find_all(facts, moments, thresholds, asked.cards()), strict=True):
            at = Moment(moment, moment)
            for step in plan(findings, standings, thresholds, at):
                standings[step.fingerprint] = _stand(standings.get(step.fingerprint), step, at)
                _tell(episodes, latest, step, moment)
            on_judged(1)
    return sorted(episodes, key=lambda episode: (episode.opened_at, episode.fingerprint))


def _stand(before: Standing | None, step: Step, at: Moment) -> Standing:
    """What stands after a step, as the store would have it."""
    standing = before or Standing(step.fingerprint)
    severity = (step.finding and step.finding.severity) or Severity.INFO
    if step.do is Do.OPEN:
        return Standing(step.fingerprint, alert_id=1, life=opened(severity, at.now), is_firing=True, is_told=True)
    if step.do in _ACTIONS and standing.life is not None:
        life = after(standing.life, _ACTIONS[step.do], at.now, severity)
        is_firing = step.do is not Do.RESOLVE
        return replace(standing, life=life, held_since=None, clearing_since=None, is_firing=is_firing)
    changes: dict[Do, dict[str, Any]] = {
        Do.HOLD: {"held_since": at.as_of},
        Do.DROP: {"held_since": None},
        Do.SUSTAIN: {"clearing_since": None},
        Do.START_CLEARING: {"clearing_since": at.as_of, "is_firing": False},
        Do.CALM: {"is_firing": False},
    }
    return replace(standing, **changes.get(step.do, {}))


def _tell(episodes: list[Episode], latest: dict[Fingerprint, int], step: Step, at: datetime) -> None:
    finding, fingerprint = step.finding, step.fingerprint
    if step.do is Do.OPEN and finding is not None:
        latest[fingerprint] = len(episodes)
        episodes.append(
            Episode(
                fingerprint, finding.severity or Severity.INFO, finding.title, at, None, 0, finding.value,
                finding.threshold, finding.count, finding.applied.origin,
            )
        )  # fmt: skip
        return
    place = latest.get(fingerprint)
    if place is None:
        return
    episode = episodes[place]
    if step.do is Do.RESOLVE:
        episodes[place] = replace(episode, resolved_at=at)
    elif finding is not None and finding.severity is not None and step.do is not Do.HOLD:
        episodes[place] = _grown(episode, finding, is_back=step.do is Do.REOPEN)


def _grown(episode: Episode, finding: Finding, *, is_back: bool) -> Episode:
    """The episode with the worst of what it was and what is found now."""
    grown = replace(
        episode, peak=max(episode.peak, finding.value), count=max(episode.count, finding.count),
        severity=max(episode.severity, finding.severity or Severity.INFO, key=lambda severity: severity.rank),
    )  # fmt: skip
    if finding.value >= grown.peak:
        grown = replace(grown, title=finding.title, threshold=finding.threshold)
    return replace(grown, reopened=grown.reopened + 1, resolved_at=None) if is_back else grown
