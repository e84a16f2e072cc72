"""Messages that are due: claimed by one process, for a time; and what became of the attempt.

Belongs here: these transitions of a row. Does not: sending (run.py), when to try again (retry.py).
A claim is committed before anything is sent and ends by itself, so a process that is killed holds nothing for long.
What was sent is recorded after it was accepted: killed in between, the same message goes out again with the same key.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import class_row

from alerts.notify.message import Item, Links, Message
from alerts.vocabulary import OPERATIONS
from warehouse.lake.sql import statement


@dataclass(frozen=True)
class Claimed:
    """A message that this process sends now."""

    id: int
    key: UUID
    target: str
    organization_id: int
    attempts: int
    lease: UUID
    queued_at: datetime
    created_at: datetime


def due_targets(connection: psycopg.Connection, now: datetime) -> list[str]:
    """The targets that messages are due to, the one that waits for longest first."""
    return [target for (target,) in connection.execute(_sql("due_targets"), {"now": now}).fetchall()]


def fail_gone(connection: psycopg.Connection, known: Iterable[str], error: str, now: datetime) -> list[str]:
    """Fails what is due to targets that are no longer known; gives each message's target."""
    values = {"known": sorted(known), "error": error, "now": now}
    return [target for (target,) in connection.execute(_sql("fail_gone"), values).fetchall()]


def claim(
    connection: psycopg.Connection, now: datetime, *, lease: timedelta, targets: Sequence[str]
) -> Claimed | None:  # fmt: skip
    """The message to one of these targets that has been due for longest, or None.

    Messages of one target and organization come one after the other: a later one waits until those before it are sent
    or failed.
    """
    values = {"now": now, "lease": uuid4(), "until": now + lease, "targets": list(targets)}
    with connection.cursor(row_factory=class_row(Claimed)) as cursor:
        return cursor.execute(_sql("claim"), values).fetchone()


def message_of(
    connection: psycopg.Connection, claimed: Claimed, organizations: Mapping[int, str], links: Links
) -> Message:
    """What the message says, read back as it was written; `organizations` are names by id."""
    items = connection.execute(_sql("items"), {"message_id": claimed.id}).fetchall()
    earlier = connection.execute(_sql("earlier"), {"message_id": claimed.id, "target": claimed.target}).fetchall()
    return Message(
        key=claimed.key,
        organization_id=claimed.organization_id,
        organization=organizations.get(claimed.organization_id, f"Organization {claimed.organization_id}"),
        at=claimed.created_at,
        items=tuple(Item.model_validate({"kind": kind, "at": at, **content}) for kind, at, content in items),
        earlier=tuple(key for (key,) in earlier),
        links=links,
    )


def organization_names(connection: psycopg.Connection) -> Mapping[int, str]:
    """Names by id, as the directory has them; none before the first pass has copied it."""
    names = {OPERATIONS: "Corbi Monitoring"}
    row = connection.execute("select to_regclass('directory.organization')").fetchone()
    if row and row[0]:
        names |= dict(connection.execute("select id, name from directory.organization").fetchall())
    return names


def mark_sent(connection: psycopg.Connection, message_id: int, now: datetime) -> None:
    """Whoever holds the claim by now: it was accepted, so nobody sends it again."""
    connection.execute(_sql("mark_sent"), {"id": message_id, "now": now})


def mark_unsent(
    connection: psycopg.Connection, claimed: Claimed, error: str, *, now: datetime, due_at: datetime | None
) -> None:
    """Tried again at `due_at`, or failed for good where that is None; unless the claim has gone to somebody else."""
    connection.execute(
        _sql("mark_unsent"),
        {"id": claimed.id, "lease": claimed.lease, "error": error, "now": now, "due_at": due_at},
    )


def _sql(name: str) -> bytes:
    return statement("alerts.delivery", name).encode()
