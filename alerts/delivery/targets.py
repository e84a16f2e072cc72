"""Targets: whom an organization's alerts are told to, by the settings and by the organization's own list.

Belongs here: the list, changing it, and how a target is named without its secrets. Does not: sending.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

import psycopg

from alerts.notify.headers import ADDRESS
from alerts.notify.message import Address
from alerts.notify.services import opened
from alerts.vocabulary import Severity
from warehouse.errors import BadRequestError
from warehouse.lake.sql import statement
from warehouse.settings import Settings

_UNFIT = re.compile(r"[\s\x00-\x1f\x7f]")


class Channel(StrEnum):
    """How a target is reached; `service` is whatever Apprise knows."""

    EMAIL = "email"
    WEBHOOK = "webhook"
    SERVICE = "service"


@dataclass(frozen=True)
class Target:
    """Somebody to tell. `organization_id` None: of every organization. `key` names it in the tables, for ever."""

    key: str
    channel: Channel
    address: Address
    minimum_severity: Severity
    organization_id: int | None = None

    @property
    def label(self) -> str:
        """What people may see of it: a mail address, a webhook's host, a service's kind."""
        return redacted(self.channel, self.address.value)

    def hears(self, organization_id: int) -> bool:
        """Whether the organization's alerts are its concern."""
        return self.organization_id is None or self.organization_id == organization_id


def redacted(channel: Channel, address: str) -> str:
    """An address without what gives access: paths, queries, logins and tokens."""
    if channel is Channel.EMAIL:
        return address
    parts = urlsplit(address)
    if channel is Channel.SERVICE:
        return f"{parts.scheme}://…"
    host = parts.hostname or "?"
    return f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}/…"


def targets_of(connection: psycopg.Connection, settings: Settings) -> tuple[Target, ...]:
    """Every active target, those of the settings first."""
    stored = (target for target, is_active in stored_targets(connection) if is_active)
    return tuple({target.key: target for target in (*_of_settings(settings), *stored)}.values())


def stored_targets(connection: psycopg.Connection) -> list[tuple[Target, bool]]:
    """The organizations' own targets, each with whether it is active."""
    rows = connection.execute(statement("alerts.delivery", "targets").encode()).fetchall()
    return [(_of_row(row), bool(row[6])) for row in rows]


def add_target(
    connection: psycopg.Connection, organization_id: int, channel: Channel, address: str, *, secret: str | None,
    minimum_severity: Severity, now: datetime,
) -> Target:  # fmt: skip
    """Adds a target to an organization, or switches on the one it has. Raises BadRequestError where it can't be one."""
    check_address(channel, address)
    row = connection.execute(
        statement("alerts.delivery", "add_target").encode(),
        {"organization_id": organization_id, "channel": channel.value, "address": address, "secret": secret,
         "minimum_severity": minimum_severity.value, "now": now},
    ).fetchone()  # fmt: skip
    return _of_row(row or ())


def remove_target(connection: psycopg.Connection, target_id: int) -> None:
    """Removes a target of an organization. Raises BadRequestError when there is none of this id."""
    if connection.execute("delete from alert.target where id = %s", (target_id,)).rowcount != 1:
        raise BadRequestError(f"There is no target {target_id}: `notifications targets list` shows all.")


def check_address(channel: Channel, address: str) -> None:
    """Raises BadRequestError saying what an address of this channel looks like; the address is not repeated."""
    match channel:
        case Channel.EMAIL if not ADDRESS.fullmatch(address):
            raise BadRequestError("A mail target is one address, like ops@example.com: no name, nothing quoted.")
        case Channel.WEBHOOK if _UNFIT.search(address):
            raise BadRequestError("A webhook's address holds no blanks, line breaks or control characters.")
        case Channel.WEBHOOK if not (address.startswith(("https://", "http://")) and urlsplit(address).hostname):
            raise BadRequestError("A webhook is an address that starts with https:// or http://.")
        case Channel.SERVICE if opened(address) is None:
            raise BadRequestError("Apprise does not know this URL: https://appriseit.com/services/ lists them.")


def _of_settings(settings: Settings) -> Iterable[Target]:
    minimum = Severity(settings.alerts_minimum_severity)
    for address in (settings.alerts_email_to or "").split(","):
        if address.strip():
            yield _of_setting(Channel.EMAIL, Address(address.strip()), minimum)
    if settings.alerts_webhook_url:
        secret = settings.alerts_webhook_secret
        url = Address(settings.alerts_webhook_url.get_secret_value(), secret.get_secret_value() if secret else None)
        yield _of_setting(Channel.WEBHOOK, url, minimum)
    if settings.alerts_notify_urls:
        for service in settings.alerts_notify_urls.get_secret_value().split():
            yield _of_setting(Channel.SERVICE, Address(service), minimum)


def _of_setting(channel: Channel, address: Address, minimum: Severity) -> Target:
    digest = hashlib.sha256(address.value.encode()).hexdigest()[:12]
    return Target(f"settings:{channel}:{digest}", channel, address, minimum)


def _of_row(row: tuple[object, ...]) -> Target:
    target_id, organization_id, channel, address, secret, minimum, _ = row
    return Target(
        key=f"target:{target_id}",
        channel=Channel(str(channel)),
        address=Address(str(address), None if secret is None else str(secret)),
        minimum_severity=Severity(str(minimum)),
        organization_id=int(str(organization_id)),
    )
