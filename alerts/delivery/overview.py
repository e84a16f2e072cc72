"""How delivery stands: for people, and for whoever asks whether there is anything to do.

Belongs here: reading, and putting failed messages back. Does not: sending.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
from psycopg.rows import class_row

from alerts.delivery.targets import Channel, Target, stored_targets, targets_of
from alerts.migrations import upgrade
from warehouse.lake.connection import connect_warehouse
from warehouse.lake.sql import statement
from warehouse.settings import Settings


@dataclass(frozen=True)
class Due:
    """What there is to do: notices whose time to gather is over, messages whose time has come, and targets to tell."""

    notices: int
    messages: int
    targets: int


@dataclass(frozen=True)
class Standing:
    """Messages of one target; `name` is its redacted address, None where the target is gone."""

    target: str
    name: str | None
    channel: str | None
    organization_id: int | None
    pending: int = 0
    sent: int = 0
    failed: int = 0
    last_error: str | None = None
    next_attempt_at: datetime | None = None
    last_sent_at: datetime | None = None


@dataclass(frozen=True)
class Overview:
    """Each target, and notices that are waiting or had nobody to tell."""

    targets: Sequence[Standing]
    waiting: int
    without_target: int


@dataclass(frozen=True)
class _Counts:
    target: str
    pending: int
    sent: int
    failed: int
    last_error: str | None
    next_attempt_at: datetime | None
    last_sent_at: datetime | None


def what_is_due(settings: Settings, now: datetime) -> Due:
    """A look that costs two index scans. Raises WarehouseUnavailableError."""
    upgrade(settings)
    with connect_warehouse(settings, autocommit=True) as connection:
        values = {"now": now, "gathered": now - timedelta(seconds=settings.alerts_group_seconds)}
        row = connection.execute(statement("alerts.delivery", "due").encode(), values).fetchone() or (0, 0)
        return Due(notices=row[0], messages=row[1], targets=len(targets_of(connection, settings)))


def read_overview(settings: Settings) -> Overview:
    """All targets there are, and those that still have messages. Raises WarehouseUnavailableError."""
    upgrade(settings)
    with connect_warehouse(settings, autocommit=True) as connection:
        known = {target.key: target for target in targets_of(connection, settings)}
        known |= {target.key: target for target, _ in stored_targets(connection)}
        with connection.cursor(row_factory=class_row(_Counts)) as cursor:
            rows = cursor.execute(statement("alerts.delivery", "standing").encode()).fetchall()
        notices: dict[str, int] = dict(connection.execute(statement("alerts.delivery", "notices").encode()).fetchall())
    counts = {row.target: row for row in rows}
    keys = [*known, *(key for key in counts if key not in known)]
    return Overview(
        targets=[_standing(key, known.get(key), counts.get(key)) for key in keys],
        waiting=notices.get("waiting", 0),
        without_target=notices.get("no_target", 0),
    )


def requeue_failed(settings: Settings, now: datetime) -> int:
    """Puts every failed message back, as if it had been written now, with the key it had; gives how many."""
    upgrade(settings)
    with connect_warehouse(settings, autocommit=True) as connection:
        return _requeue(connection, now)


def forget_old(settings: Settings, before: datetime) -> int:
    """Forgets messages that ended and notices that were decided on before a moment; gives how many rows."""
    upgrade(settings)
    with connect_warehouse(settings, autocommit=True) as connection, connection.transaction():
        messages = connection.execute(statement("alerts.delivery", "forget_messages").encode(), {"before": before})
        notices = connection.execute(statement("alerts.delivery", "forget_notices").encode(), {"before": before})
        return messages.rowcount + notices.rowcount


def _requeue(connection: psycopg.Connection, now: datetime) -> int:
    return connection.execute(statement("alerts.delivery", "requeue").encode(), {"now": now}).rowcount


def _standing(key: str, target: Target | None, counts: _Counts | None) -> Standing:
    numbers = {} if counts is None else {name: value for name, value in vars(counts).items() if name != "target"}
    return Standing(
        target=key,
        name=target.label if target else None,
        channel=Channel(target.channel).value if target else None,
        organization_id=target.organization_id if target else None,
        **numbers,
    )
