"""Alerts for people: lists with filters, one with its history, counts.

Belongs here: reading. Does not: changing (store.py), the API's form of an answer (api/).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Engine, func, literal, or_, select, tuple_

from alerts.database import transaction
from alerts.model import Alert, Event
from alerts.store import UnknownAlertError
from alerts.vocabulary import OPERATIONS, Rule, Severity, Status
from warehouse.queries.newest import Position


@dataclass(frozen=True)
class Filter:
    """Which alerts; None is all. `q` is looked for in title, description, category and channel."""

    organizations: tuple[int, ...] | None = None
    severity: Severity | None = None
    status: Status | None = None
    channel: str | None = None
    rule: Rule | None = None
    start: datetime | None = None
    end: datetime | None = None
    q: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filter as SQL, values bound."""
        exact = {"severity": self.severity, "status": self.status, "channel": self.channel, "rule": self.rule}
        found: list[ColumnElement[bool]] = [
            Alert.__table__.c[name] == value for name, value in exact.items() if value is not None
        ]
        if self.organizations is not None:
            found.append(Alert.organization_id.in_(self.organizations))
        if self.start is not None:
            found.append(Alert.created_at >= self.start)
        if self.end is not None:
            found.append(Alert.created_at < self.end)
        if self.q:
            columns = (Alert.title, Alert.description, Alert.subject, Alert.rule)
            found.append(or_(*(column.icontains(self.q, autoescape=True) for column in columns)))
        return found


@dataclass(frozen=True)
class Page:
    """Some alerts, newest first, and how many there are in all; `next` is where the following page begins, if any."""

    alerts: Sequence[Alert]
    total: int
    next: Position | None = None


def seen_by(organization_id: int) -> tuple[int, ...]:
    """The organizations whose alerts an organization's members see: their own, and the monitoring's."""
    return (organization_id, OPERATIONS)


def read_alerts(
    engine: Engine, wanted: Filter, *, limit: int, offset: int = 0, after: Position | None = None
) -> Page:  # fmt: skip
    """A page of alerts, from `after` on."""
    conditions = wanted.conditions()
    with transaction(engine) as session:
        total = session.scalar(select(func.count()).select_from(Alert).where(*conditions))
        newest_first = (Alert.created_at.desc(), Alert.id.desc())
        if after is not None:
            conditions.append(
                tuple_(Alert.created_at, Alert.id) < tuple_(literal(after.at), literal(after.id, BigInteger))
            )
        # One more than is shown tells whether there is another page.
        query = select(Alert).where(*conditions).order_by(*newest_first).limit(limit + 1).offset(offset)
        found = session.scalars(query).all()
    shown = found[:limit]
    following = Position(shown[-1].created_at, shown[-1].id) if len(found) > limit else None
    return Page(shown, total or 0, following)


def read_alert(engine: Engine, organizations: tuple[int, ...], alert_id: int) -> tuple[Alert, Sequence[Event]]:
    """One alert with its history, oldest first. Raises UnknownAlertError."""
    with transaction(engine) as session:
        alert = session.get(Alert, alert_id)
        if alert is None or alert.organization_id not in organizations:
            raise UnknownAlertError(f"There is no alert {alert_id}.")
        return alert, session.scalars(select(Event).where(Event.alert_id == alert_id).order_by(Event.id)).all()


def count_alerts(engine: Engine, organizations: tuple[int, ...]) -> dict[tuple[Severity, Status], int]:
    """How many alerts there are of each severity and status."""
    with transaction(engine) as session:
        rows = session.execute(
            select(Alert.severity, Alert.status, func.count())
            .where(Alert.organization_id.in_(organizations))
            .group_by(Alert.severity, Alert.status)
        ).all()
    return {(Severity(severity), Status(status)): count for severity, status, count in rows}


def read_openings(engine: Engine, organizations: tuple[int, ...], start: datetime, end: datetime) -> list[datetime]:
    """When the alerts that opened from `start` up to `end` did, in order."""
    with transaction(engine) as session:
        conditions = Filter(organizations, start=start, end=end).conditions()
        return list(session.scalars(select(Alert.created_at).where(*conditions).order_by(Alert.created_at)))


def related(alert: Alert) -> Mapping[str, Any]:
    """Ids of what an alert concerns, one example each, where it is known."""
    details = alert.details
    return {
        name: next(iter(details.get(f"{source}s") or []), None)
        for name, source in (
            ("campaign_id", "campaign_id"), ("email_job_id", "email_job_id"),
            ("outbound_message_id", "outbound_id"), ("booking_id", "booking_id"),
        )
    }  # fmt: skip
