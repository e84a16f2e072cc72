"""Decides what an evaluation changes: pure, from findings and what stood before to steps.

Belongs here: holding before opening, clearing before resolving, reopening, escalating. Does not: doing it (apply.py).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.finding import Finding, Fingerprint
from alerts.lifecycle import Life
from alerts.limits import Limits
from alerts.standing import Mutes, Standing
from alerts.thresholds import Thresholds
from alerts.vocabulary import Rule, Severity, Status


class Do(StrEnum):
    """What a step does."""

    HOLD = "hold"  # a breach began; wait whether it lasts
    DROP = "drop"  # it did not last
    OPEN = "open"
    REOPEN = "reopen"
    WORSEN = "worsen"
    SUSTAIN = "sustain"  # still there: the newest value, and no news for anybody
    START_CLEARING = "start_clearing"
    RESOLVE = "resolve"
    CALM = "calm"  # what a person resolved while it fired has stopped
    ESCALATE = "escalate"
    TELL = "tell"  # the mute it opened under has ended


@dataclass(frozen=True)
class Moment:
    """`now` by the clock, and the moment the judged figures stand for; both UTC."""

    now: datetime
    as_of: datetime


@dataclass(frozen=True)
class Step:
    """One change of one fingerprint."""

    do: Do
    fingerprint: Fingerprint
    alert_id: int | None = None
    finding: Finding | None = None


def plan(
    findings: Iterable[Finding], standings: Mapping[Fingerprint, Standing], thresholds: Thresholds, at: Moment
) -> list[Step]:
    """What changes, for every fingerprint that was found or stood before. At most one step each."""
    found = {finding.fingerprint: finding for finding in findings}
    steps = []
    for fingerprint in found.keys() | standings.keys():
        finding, standing = found.get(fingerprint), standings.get(fingerprint, Standing(fingerprint))
        limits = (finding.applied if finding else thresholds.of(*_asked(fingerprint))).limits
        do = _decide(finding, standing, limits, at)
        if do is not None:
            steps.append(Step(do, fingerprint, standing.alert_id, finding))
    return steps


def plan_by_clock(standings: Iterable[Standing], thresholds: Thresholds, mutes: Mutes, now: datetime) -> Iterator[Step]:
    """What time alone changes: critical alerts nobody acked in time, and alerts whose mute has ended."""
    for standing in standings:
        life, fingerprint = standing.life, standing.fingerprint
        if life is None or life.status is not Status.OPEN or mutes.cover(fingerprint):
            continue
        if not standing.is_told and life.severity is not Severity.INFO:
            yield Step(Do.TELL, fingerprint, standing.alert_id)
        elif life.severity is Severity.CRITICAL and life.escalated_at is None:
            limits = thresholds.of(*_asked(fingerprint)).limits
            if now - life.alarm_at >= timedelta(minutes=limits.escalate_minutes):
                yield Step(Do.ESCALATE, fingerprint, standing.alert_id)


def _decide(finding: Finding | None, standing: Standing, limits: Limits, at: Moment) -> Do | None:
    life = standing.life
    if life is not None and life.status is not Status.RESOLVED:
        return _of_standing_alert(finding, standing, life, limits, at)
    if finding is None or finding.severity is None:
        if standing.held_since is not None:
            return Do.DROP
        return Do.CALM if standing.is_firing else None
    returns = life is not None and _is_within(life.resolved_at, limits.reopen_minutes, at.now)
    if returns and life is not None and standing.is_resolved_by_person and standing.is_firing:
        # A person said it is over while it went on: only news brings it back before the reopen time has passed.
        return Do.REOPEN if finding.severity.rank > life.severity.rank else None
    if _lasted(standing.held_since, limits.hold_minutes, at.as_of):
        return Do.REOPEN if returns else Do.OPEN
    return Do.HOLD if standing.held_since is None else None


def _of_standing_alert(
    finding: Finding | None, standing: Standing, life: Life, limits: Limits, at: Moment
) -> Do | None:
    if finding is not None:
        worse = finding.severity is not None and finding.severity.rank > life.severity.rank
        return Do.WORSEN if worse else Do.SUSTAIN
    if standing.clearing_since is None:
        return Do.START_CLEARING
    return Do.RESOLVE if _lasted(standing.clearing_since, limits.clear_minutes, at.as_of) else None


def _lasted(since: datetime | None, minutes: int, at: datetime) -> bool:
    return minutes == 0 or (since is not None and at - since >= timedelta(minutes=minutes))


def _is_within(since: datetime | None, minutes: int, at: datetime) -> bool:
    return since is not None and at - since <= timedelta(minutes=minutes)


def _asked(fingerprint: Fingerprint) -> tuple[Rule, int, str]:
    return fingerprint.rule, fingerprint.organization_id, fingerprint.channel
