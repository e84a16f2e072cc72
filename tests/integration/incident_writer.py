"""Writes stretches of traffic as the platform does: so many sends, callbacks, bookings in so many minutes.

Belongs here: many rows of one organization, spread evenly over a stretch of time. Does not: claims.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from demo.traffic.rows import BLANKS, Connection, Rows

PROVIDERS = {"whatsapp": "whatsapp", "email": "sendgrid", "telegram": "telegram", "instagram": "instagram"}

Row = dict[str, Any]


@dataclass(frozen=True)
class Stretch:
    """So many rows from `start` on for `minutes`; `failed` of them, evenly spread, went wrong."""

    start: datetime
    minutes: float
    count: int
    failed: int = 0

    def rows(self, make: Callable[[int, datetime, bool], Row]) -> list[Row]:
        """A row for each number, moment, and whether it went wrong."""
        each = timedelta(minutes=self.minutes) / max(self.count, 1)
        return [make(n, self.start + each * (n + 0.5), self._is_failed(n)) for n in range(self.count)]

    def failed_numbers(self) -> list[int]:
        """The rows that went wrong."""
        return [n for n in range(self.count) if self._is_failed(n)]

    def _is_failed(self, n: int) -> bool:
        return (n + 1) * self.failed // self.count > n * self.failed // self.count


class IncidentWriter:
    """Writes through one connection, for organizations it made."""

    def __init__(self, connection: Connection, at: datetime) -> None:
        self._connection = connection
        self._rows = Rows(connection)
        self._at = at
        self._contacts: dict[int, int] = {}

    def organization(self, *, integrated: tuple[str, ...] = tuple(PROVIDERS)) -> int:
        """A new organization with one contact and an active integration for each channel named."""
        row = self._connection.execute(
            "insert into organizations_organization (name, domain, created_at, updated_at)"
            " values ('Scenario', '', %(at)s, %(at)s) returning id",
            {"at": self._at},
        ).fetchone()
        assert row is not None
        self._contacts[row[0]] = self._rows.insert(
            "contacts_contact", full_name="A", email="a@example.org", status="active", created_at=self._at,
            updated_at=self._at, organization_id=row[0],
        )  # fmt: skip
        for channel in integrated:
            self.integration(row[0], channel)
        return int(row[0])

    def integration(self, organization: int, channel: str, *, is_active: bool = True, token: str = "enc") -> None:
        """What connects an organization with a channel's provider."""
        self._rows.insert(
            "integrations_integration", provider=PROVIDERS[channel], token_encrypted=token, is_active=is_active,
            created_at=self._at, updated_at=self._at, organization_id=organization,
        )  # fmt: skip

    def sends(self, organization: int, channel: str, stretch: Stretch) -> None:
        """Sends of the platform's own sender."""
        contact_id = self._contacts[organization]
        self._write(
            "messaging_outboundmessage",
            stretch.rows(
                lambda n, at, is_failed: {
                    "channel": channel, "body": "", "trace_id": "", "status": "failed" if is_failed else "sent",
                    "error": "Error 63016" if is_failed else "", "created_at": at, "updated_at": at,
                    "contact_id": contact_id, "organization_id": organization,
                }
            ),
        )  # fmt: skip

    def callbacks(self, organization: int, channel: str, stretch: Stretch, latency_ms: int = 900) -> None:
        """Callbacks that all took equally long."""
        self._write(
            "messaging_providerevent",
            stretch.rows(
                lambda n, at, is_failed: {
                    "channel": channel, "status": "undelivered" if is_failed else "delivered", "payload": Jsonb({}),
                    "provider_message_id": "", "latency_ms": latency_ms, "received_at": at,
                    "organization_id": organization,
                }
            ),
        )  # fmt: skip

    def bookings(self, organization: int, stretch: Stretch) -> None:
        """Bookings; those that went wrong are cancelled."""
        self._write(
            "bookings_booking",
            stretch.rows(
                lambda n, at, is_failed: {
                    "title": "Table", "start_time": at, "end_time": at, "created_by": "ai", "created_at": at,
                    "updated_at": at, "status": "cancelled" if is_failed else "confirmed",
                    "organization_id": organization,
                }
            ),
        )  # fmt: skip

    def calls(self, organization: int, stretch: Stretch) -> None:
        """Calls of language models."""
        self._write(
            "billing_billinglog",
            stretch.rows(
                lambda n, at, is_failed: {
                    "timestamp": at, "feature_tag": "reply", "model": "small", "request_id": "r", "created_at": at,
                    "updated_at": at, "status": "failed" if is_failed else "succeeded",
                    "organization_id": organization,
                }
            ),
        )  # fmt: skip

    def platform_alerts(self, organization: int, category: str, channel: str, stretch: Stretch) -> None:
        """The platform's own alerts; those that went wrong are errors, the others warnings."""
        self._write(
            "monitoring_monitoringalert",
            stretch.rows(
                lambda n, at, is_failed: {
                    "category": category, "severity": "error" if is_failed else "warning", "created_at": at,
                    "message": f"Failed to send message {n}", "organization_id": organization,
                    "metadata": Jsonb({"channel": channel, "outbound_id": n}),
                }
            ),
        )  # fmt: skip

    def emails(self, organization: int, stretch: Stretch, ending: str = "bounce") -> None:
        """An e-mail job; those that went wrong ended as a callback says."""
        at = stretch.start
        job = self._rows.insert(
            "messaging_emailjob", subject="News", status="sent", total_recipients=stretch.count, created_at=at,
            updated_at=at, organization_id=organization,
        )  # fmt: skip
        self._write(
            "messaging_emailrecipient",
            stretch.rows(
                lambda n, at, is_failed: {
                    "email": f"a{n}@{organization}.example", "full_name": "", "signed_token": "", "created_at": at,
                    "updated_at": at, "status": "failed" if is_failed else "sent", "error": ending if is_failed else "",
                    "provider_message_id": f"m{job}-{n}", "job_id": job,
                }
            ),
        )  # fmt: skip
        self._write(
            "messaging_providerevent",
            [
                {
                    "channel": "email", "status": ending, "payload": Jsonb({}), "latency_ms": 0, "received_at": at,
                    "provider_message_id": f"m{job}-{n}", "organization_id": organization,
                }
                for n in stretch.failed_numbers()
            ],
        )  # fmt: skip

    def _write(self, table: str, rows: list[Row]) -> None:
        if not rows:
            return
        blanks = {
            name: Jsonb(value) if isinstance(value, dict | list) else value
            for name, value in BLANKS.get(table, {}).items()
        }
        names = list(blanks | rows[0])
        statement = sql.SQL("copy {} ({}) from stdin").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
        )
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row([(blanks | row)[name] for name in names])
