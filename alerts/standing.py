"""What is known of a fingerprint before an evaluation: its alert, or since when it waits to become one.

Belongs here: reading that for all organizations in two statements, and the mutes. Does not: what follows (plan.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from alerts.finding import Fingerprint
from alerts.lifecycle import Life
from alerts.model import Alert, Mute, Pending
from alerts.store import life_of
from alerts.vocabulary import Rule, Severity, Status

LONGEST_REOPEN = timedelta(days=7)
"""The most that thresholds allow for reopening: older alerts are over and need not be known."""


@dataclass(frozen=True)
class Standing:
    """One fingerprint. Without `alert_id` nothing has opened; `held_since` is when a breach began that is on hold.

    `is_firing` is what the last evaluation found; `clearing_since` when the value went under the clearing limit.
    """

    fingerprint: Fingerprint
    held_since: datetime | None = None
    alert_id: int | None = None
    life: Life | None = None
    is_firing: bool = False
    is_told: bool = False
    clearing_since: datetime | None = None
    is_resolved_by_person: bool = False


@dataclass(frozen=True)
class Mutes:
    """What is muted at one moment: (organization, rule, channel), '' for every rule or channel."""

    keys: frozenset[tuple[int, str, str]] = frozenset()

    def cover(self, fingerprint: Fingerprint) -> bool:
        """Whether nobody is to be told of this fingerprint."""
        organization_id, rule, channel, _ = fingerprint
        return bool(self.keys) and any(
            (organization_id, of_rule, of_channel) in self.keys
            for of_rule in (rule, "")
            for of_channel in (channel, "")
        )


def read_standings(session: Session, rules: Iterable[Rule], now: datetime) -> dict[Fingerprint, Standing]:
    """Every fingerprint of some rules that has an alert, had one lately, or waits to have one."""
    names = [rule.value for rule in rules]
    alerts = session.execute(
        select(Alert)
        .where(
            Alert.rule.in_(names),
            or_(Alert.status != Status.RESOLVED, Alert.resolved_at > now - LONGEST_REOPEN),
        )
        # Of several alerts of a fingerprint the newest counts; at most one is not resolved, and it is the newest.
        .order_by(Alert.id)
    ).scalars()
    standings = {standing.fingerprint: standing for standing in map(standing_of, alerts)}
    for pending in session.scalars(select(Pending).where(Pending.rule.in_(names))):
        fingerprint = Fingerprint(pending.organization_id, Rule(pending.rule), pending.channel, pending.subject)
        standings[fingerprint] = replace(standings.get(fingerprint, Standing(fingerprint)), held_since=pending.since)
    return standings


def read_waiting(session: Session) -> list[Standing]:
    """The alerts that time alone may change: open ones that were not told yet, or may escalate."""
    may_escalate = and_(Alert.severity == Severity.CRITICAL, Alert.escalated_at.is_(None))
    query = select(Alert).where(Alert.status == Status.OPEN, or_(Alert.is_told.is_(False), may_escalate))
    return [standing_of(alert) for alert in session.scalars(query.order_by(Alert.id))]


def standing_of(alert: Alert) -> Standing:
    """What a row says of its fingerprint."""
    return Standing(
        Fingerprint(alert.organization_id, Rule(alert.rule), alert.channel, alert.subject),
        alert_id=alert.id,
        life=life_of(alert),
        is_firing=alert.is_firing,
        is_told=alert.is_told,
        clearing_since=alert.clearing_since,
        is_resolved_by_person=alert.resolved_by is not None,
    )


def read_mutes(session: Session, now: datetime) -> Mutes:
    """What is muted now."""
    rows = session.execute(select(Mute.organization_id, Mute.rule, Mute.channel).where(Mute.until > now))
    return Mutes(frozenset((row[0], row[1], row[2]) for row in rows))
