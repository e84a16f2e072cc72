"""Who is told of what: notices become messages, a message a target and organization.

Belongs here: the decision, and writing it down. Does not: when a message is sent (claims.py, run.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

import psycopg
from psycopg.rows import class_row

from alerts.delivery.targets import Channel, Target
from alerts.outbox import NoticeKind
from alerts.vocabulary import Severity
from warehouse.lake import locks
from warehouse.lake.sql import statement

MOST = 2000
"""Notices that one transaction decides on."""
_KEYS = UUID("5f0f7cc5-52a2-4b3a-9c57-0d2f5a1a7f43")
"""The name space of message keys."""

News = tuple[NoticeKind, Severity]


@dataclass(frozen=True)
class Waiting:
    """A notice that nobody has decided on."""

    id: int
    event_id: int
    alert_id: int
    organization_id: int
    kind: str
    severity: str
    at: datetime


@dataclass(frozen=True)
class Plan:
    """Which notices go to which target, in their order, and what became of each notice."""

    told: tuple[tuple[Waiting, Target], ...]
    outcomes: Mapping[int, str]


def plan(notices: Sequence[Waiting], targets: Sequence[Target], heard: Mapping[tuple[int, str], News]) -> Plan:
    """Decides, for each notice and each target that hears the organization, in this order.

    1. What a target heard last of an alert is not told again: the same state is no news.
    2. Who never heard of an alert is not told that it is over.
    3. Who never heard of an alert hears of it from the target's least severity on.
    4. An address that several targets name is told once, as the first of them.
    `heard` is what a target (by alert and target key) heard last.
    """
    last = dict(heard)
    told: list[tuple[Waiting, Target]] = []
    outcomes: dict[int, str] = {}
    for notice in notices:
        listeners = [target for target in targets if target.hears(notice.organization_id)]
        news = NoticeKind(notice.kind), Severity(notice.severity)
        chosen = _each_address_once(
            target for target in listeners if _is_news(news, last.get((notice.alert_id, target.key)), target)
        )
        told += [(notice, target) for target in chosen]
        last.update({(notice.alert_id, target.key): news for target in chosen})
        outcomes[notice.id] = "told" if chosen else "no_news" if listeners else "no_target"
    return Plan(tuple(told), outcomes)


def plan_waiting(
    connection: psycopg.Connection, targets: Sequence[Target], now: datetime, group: timedelta
) -> Mapping[int, str]:
    """Turns notices that wait into messages, in one transaction; gives what became of each, by its id.

    At most `MOST` at once: whoever gets that many asks again. Notices join the message of their target and
    organization that is still gathering. One process plans at a time; another that tries finds nothing to do.
    """
    with connection.transaction():
        if not _is_locked(connection):
            return {}
        notices = _waiting(connection)
        decided = plan(notices, targets, _heard(connection, notices))
        _write(connection, decided, now, group)
    return decided.outcomes


def message_key(target: Target, event_id: int) -> UUID:
    """The key of the message that begins with the notice of an event: the same whoever works it out, and whenever."""
    return uuid5(_KEYS, f"{target.key}/{event_id}")


def _is_news(news: News, heard: News | None, target: Target) -> bool:
    if heard is not None:
        return news != heard
    kind, severity = news
    return kind is not NoticeKind.RESOLVED and severity.rank >= target.minimum_severity.rank


def _each_address_once(targets: Iterable[Target]) -> list[Target]:
    first: dict[tuple[Channel, str], Target] = {}
    for target in targets:
        first.setdefault((target.channel, target.address.value), target)
    return list(first.values())


def _is_locked(connection: psycopg.Connection) -> bool:
    row = connection.execute("select pg_try_advisory_xact_lock(%s)", (locks.ALERT_DELIVERY,)).fetchone()
    return bool(row and row[0])


def _waiting(connection: psycopg.Connection) -> list[Waiting]:
    with connection.cursor(row_factory=class_row(Waiting)) as cursor:
        return cursor.execute(statement("alerts.delivery", "waiting").encode(), {"most": MOST}).fetchall()


def _heard(connection: psycopg.Connection, notices: Sequence[Waiting]) -> dict[tuple[int, str], News]:
    alerts = sorted({notice.alert_id for notice in notices})
    rows = connection.execute(statement("alerts.delivery", "heard").encode(), {"alerts": alerts}).fetchall()
    return {(alert, target): (NoticeKind(kind), Severity(severity)) for alert, target, kind, severity in rows}


def _write(connection: psycopg.Connection, decided: Plan, now: datetime, group: timedelta) -> None:
    messages: dict[tuple[str, int], int] = {}
    for notice, target in decided.told:
        place = target.key, notice.organization_id
        if place not in messages:
            values = {"key": message_key(target, notice.event_id), "target": target.key, "now": now,
                      "organization_id": notice.organization_id, "due_at": notice.at + group}  # fmt: skip
            row = connection.execute(statement("alerts.delivery", "gather").encode(), values).fetchone()
            messages[place] = row[0] if row else 0
    told = [(notice.id, target.key, messages[target.key, notice.organization_id]) for notice, target in decided.told]
    values = {"notices": [row[0] for row in told], "targets": [row[1] for row in told],
              "messages": [row[2] for row in told]}  # fmt: skip
    connection.execute(statement("alerts.delivery", "join").encode(), values)
    outcomes = {"ids": list(decided.outcomes), "outcomes": list(decided.outcomes.values()), "now": now}
    connection.execute(statement("alerts.delivery", "settle").encode(), outcomes)
