"""Messages that are due: claimed by one process, for a time; and what became of the attempt.

Belongs here: these transitions of a row. Does not: sending (run.py), when to try again (retry.py).
A claim is committed before anything is sent and ends by itself, so a process that is killed holds nothing for long.
What was sent is recorded after it was accepted: killed in between, the same message goes out again with the same key.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import class_row

from alerts.notify.message import Item, Links, Message
from alerts.vocabulary import OPERATIONS
from warehouse.sql import statement


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


def claim(
    connection: psycopg.Connection, now: datetime, *, lease: timedelta, except_targets: Collection[str]
) -> Claimed | None:
    """The message that has been due for longest, or None.

    Messages of one target and organization come one after the other: a later one waits until those before it are sent
    or failed.
    """
    values = {"now": now, "lease": uuid4(), "until": now + lease, "except_targets": sorted(except_targets)}
    with connection.cursor(row_factory=class_row(Claimed)) as cursor:
        return cursor.execute(statement("alerts.delivery", "claim").encode(), values).fetchone()


def message_of(
    connection: psycopg.Connection, claimed: Claimed, organizations: Mapping[int, str], links: Links
) -> Message:
    """What the message says, read back as it was written; `organizations` are names by id."""
    items = connection.execute(statement("alerts.delivery", "items").encode(), {"message_id": claimed.id}).fetchall()
    earlier = connection.execute(
        statement("alerts.delivery", "earlier").encode(), {"message_id": claimed.id, "target": claimed.target}
    ).fetchall()
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
    connection.execute(statement("alerts.delivery", "mark_sent").encode(), {"id": message_id, "now": now})


def mark_unsent(
    connection: psycopg.Connection, claimed: Claimed, error: str, *, now: datetime, due_at: datetime | None
) -> None:
    """Tried again at `due_at`, or failed for good where that is None; unless the claim has gone to somebody else."""
    connection.execute(
        statement("alerts.delivery", "mark_unsent").encode(),
        {"id": claimed.id, "lease": claimed.lease, "error": error, "now": now, "due_at": due_at},
    )
