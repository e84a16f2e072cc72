"""A test message to every target.

Belongs here: sending it and saying where it did not arrive. Does not: printing. It leaves no row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from alerts.delivery.claims import organization_names
from alerts.delivery.run import Transports, send
from alerts.delivery.targets import Target, targets_of
from alerts.migrations import upgrade
from alerts.notify.message import Links, Message
from alerts.vocabulary import OPERATIONS
from warehouse.lake.connection import connect_warehouse
from warehouse.settings import Settings


@dataclass(frozen=True)
class Trial:
    """What became of one test message; `error` is None when it was accepted."""

    target: str
    name: str
    organization_id: int | None
    error: str | None


def try_targets(settings: Settings, now: datetime, transports: Transports) -> Sequence[Trial]:
    """Sends a test message to each active target, one after the other."""
    upgrade(settings)
    with connect_warehouse(settings, autocommit=True) as connection:
        targets, names = targets_of(connection, settings), organization_names(connection)
    links = Links(settings.dashboard_url, settings.runbook_url)
    return [_try(target, names.get(target.organization_id or OPERATIONS), links, now, transports) for target in targets]


def _try(target: Target, name: str | None, links: Links, now: datetime, transports: Transports) -> Trial:
    everybody = target.organization_id is None
    message = Message(
        key=uuid4(),
        organization_id=target.organization_id or OPERATIONS,
        organization="all organizations" if everybody else name or f"Organization {target.organization_id}",
        at=now,
        items=(),
        links=links,
        is_test=True,
    )
    error = send(transports, target, message, now)
    return Trial(target.key, target.label, target.organization_id, None if error is None else str(error))
