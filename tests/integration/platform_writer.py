"""Writes single rows as the platform does, for tests that need a certain one.

Belongs here: rows with sensible values, chosen by number. Does not: claims.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from demo.traffic.rows import Connection, Rows

CHANNELS = ("whatsapp", "email", "telegram", "instagram", " SMS", "")
"""The known ones, and some that only the platform's clients know."""
CHANNEL_TABLES = {
    "messaging_whatsappmessage": ("PENDING", "SENT", "DELIVERED", "FAILED", "READ"),
    "messaging_telegrammessage": ("", "sent", "delivered", "failed", "read", "odd"),
    "messaging_instagrammessage": ("SENT", "FAILED", "Sent"),
}
STATUSES = {
    "messaging_outboundmessage": ("pending", "sent", "delivered", "read", "failed", "retrying"),
    "messaging_emailrecipient": ("queued", "sent", "failed", "skipped", "read"),
    "messaging_campaignrecipient": ("queued", "sent", "delivered", "read", "failed", "unsubscribed"),
    "messaging_campaign": ("running", "completed", "failed"),
    "bookings_booking": ("pending", "confirmed", "cancelled"),
    "billing_billinglog": ("sent", "succeeded", "failed", "canceled"),
    "contacts_contact": ("active", "unsubscribed"),
    **CHANNEL_TABLES,
}
ERRORS = (
    "", "bounce", "550 5.1.1 <a{n}@b.example> user unknown", "63016", "Timed out after {n} s", "spamreport",
    "Bounced Address", "HTTP Error 403: Forbidden", " Dropped ", "unable to get mx info: no IPs, dsn 4.4.4",
)  # fmt: skip
EVENTS = ("sent", "delivered", "open", "read", "failed", "bounce", "dropped", "spamreport", "undelivered")
AGES = (
    timedelta(0),
    timedelta(minutes=7),
    timedelta(hours=5),
    timedelta(days=3),
    timedelta(days=8),
    timedelta(days=26),
)
OLD_AGES = tuple(timedelta(days=days) for days in (33, 45, 100, 300, 500))


def message_id(number: int) -> str:
    """A SendGrid message id; few, so that events and recipients meet."""
    return f"id{number % 7}"


class PlatformWriter:
    """Writes through one connection. Rows are picked by a number, so a test can draw it."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._rows = Rows(connection)
        self._connection = connection
        self._now = now

    def people(self) -> None:
        """Two organizations with four contacts each."""
        for number in (1, 2):
            self._connection.execute(
                "insert into organizations_organization (name, domain, created_at, updated_at) values (%s, '', %s, %s)",
                (f"Organization {number}", self._now, self._now),
            )
        for number in range(8):
            self.contact(number, timedelta(days=number * 13))

    def contact(self, number: int, age: timedelta) -> None:
        """A contact of one of the two organizations."""
        self._rows.insert(
            "contacts_contact",
            full_name=f"Contact {number}",
            email=f"Person{number % 5}@example.org ",
            status="active",
            created_at=self._now - age,
            updated_at=self._now - age,
            organization_id=1 + number % 2,
        )

    def outbound(self, number: int, channel: str, age: timedelta) -> None:
        """A send of the platform's own sender."""
        contact_id, organization_id = self._pick_contact(number)
        self._rows.insert(
            "messaging_outboundmessage",
            channel=channel,
            body="Hello",
            trace_id="",
            status=self._status("messaging_outboundmessage", number),
            error=ERRORS[number % len(ERRORS)].format(n=number),
            created_at=self._now - age,
            updated_at=self._now - age,
            contact_id=contact_id,
            organization_id=organization_id,
        )

    def channel_message(self, number: int, table: str, age: timedelta) -> None:
        """A message of a channel's own table, in or out."""
        contact_id, organization_id = self._pick_contact(number)
        id_column = {
            "messaging_whatsappmessage": "twilio_message_sid",
            "messaging_telegrammessage": "telegram_message_id",
        }
        values: dict[str, Any] = {id_column.get(table, "provider_message_id"): "m" if number % 3 else ""}
        if table == "messaging_telegrammessage":
            values["chat_id"] = "7"
        self._rows.insert(
            table,
            direction="INBOUND" if number % 4 == 0 else "OUTBOUND",
            text="Hello",
            status="RECEIVED" if number % 4 == 0 else self._status(table, number),
            created_at=self._now - age,
            contact_id=contact_id,
            organization_id=organization_id,
            **values,
        )

    def callback(self, number: int, channel: str, age: timedelta) -> None:
        """A provider's callback, with or without a latency, perhaps about a message that is there."""
        _, organization_id = self._pick_contact(number)
        self._rows.insert(
            "messaging_providerevent",
            provider_message_id=message_id(number) + (".filter0001" if number % 2 else ""),
            channel=channel,
            status=EVENTS[number % len(EVENTS)],
            payload={},
            latency_ms=0 if number % 5 == 0 else number * 37,
            received_at=self._now - age,
            organization_id=organization_id,
            outbound_id=self._pick("messaging_outboundmessage", number),
        )

    def campaign(self, number: int, age: timedelta) -> None:
        """An e-mail campaign to every contact of an organization, and its job, or a job without one."""
        organization_id = 1 + number % 2
        contacts = self._connection.execute(
            "select id, email from contacts_contact where organization_id = %s order by id", (organization_id,)
        ).fetchall()
        at = self._now - age
        campaign_id = None
        if number % 3:
            campaign_id = self._rows.insert(
                "messaging_campaign", name="News", channel="email", target_count=len(contacts), estimated_cost=1,
                status=self._status("messaging_campaign", number), created_at=at, organization_id=organization_id,
            )  # fmt: skip
        job_id = self._rows.insert(
            "messaging_emailjob", subject="News", status="sending", total_recipients=len(contacts), created_at=at,
            updated_at=at, organization_id=organization_id, campaign_id=campaign_id,
        )  # fmt: skip
        for place, (contact_id, email) in enumerate(contacts):
            if campaign_id is not None and (number + place) % 4:
                self._rows.insert(
                    "messaging_campaignrecipient", created_at=at, campaign_id=campaign_id, contact_id=contact_id,
                    status=self._status("messaging_campaignrecipient", number + place),
                )  # fmt: skip
            self._rows.insert(
                "messaging_emailrecipient", email=email, full_name="", created_at=at, updated_at=at, signed_token="",
                status=self._status("messaging_emailrecipient", number + place), contact_id=contact_id, job_id=job_id,
                error=ERRORS[(number + place) % len(ERRORS)].format(n=number),
                provider_message_id=message_id(number + place * (number % 2)) if place % 3 else "",
                sent_at=at if (number + place) % 5 else None,
            )  # fmt: skip

    def suppression(self, number: int, age: timedelta) -> None:
        """An address that must not be written to any more: by its owner's wish, or after a callback."""
        self._rows.insert(
            "messaging_suppression",
            channel="email",
            identifier=f"person{number % 5}@example.org",
            reason=("", "bounce", "dropped", "spamreport", "manual")[number % 5],
            created_at=self._now - age,
            organization_id=1 + number % 2,
        )

    def daily(self, number: int, age: timedelta) -> None:
        """A booking, a call of a language model and an inbound message."""
        _, organization_id = self._pick_contact(number)
        at = self._now - age
        self._rows.insert(
            "bookings_booking", title="Table", start_time=at, end_time=at, created_at=at, updated_at=at,
            created_by="ai", status=self._status("bookings_booking", number), organization_id=organization_id,
        )  # fmt: skip
        self._rows.insert(
            "billing_billinglog", timestamp=at, feature_tag="reply", model="small", request_id="r", created_at=at,
            updated_at=at, status=self._status("billing_billinglog", number), organization_id=organization_id,
        )  # fmt: skip
        self._rows.insert(
            "messaging_inboundmessage", channel=("whatsapp", "telegram")[number % 2], payload={}, received_at=at,
            created_at=at, organization_id=organization_id,
        )  # fmt: skip

    def integration(self) -> None:
        """WhatsApp, set up for the first organization."""
        self._rows.insert(
            "integrations_integration", provider="whatsapp", is_active=True, token_encrypted="x", created_at=self._now,
            updated_at=self._now, organization_id=1,
        )  # fmt: skip

    def platform_alert(self) -> None:
        """An alert of the platform's own."""
        self._rows.insert(
            "monitoring_monitoringalert", category="send_failure", severity="error", message="It failed.", metadata={},
            created_at=self._now, organization_id=1,
        )  # fmt: skip

    def change_status(self, table: str, number: int) -> None:
        """Moves one row on, wherever its status goes."""
        row_id = self._pick(table, number)
        if row_id is not None:
            values = {"updated_at": self._now} if table == "contacts_contact" else {}
            self._rows.update(table, row_id, status=self._status(table, number // 3), **values)

    def delete(self, table: str, number: int) -> None:
        """Deletes one row with all that hangs on it."""
        row_id = self._pick(table, number)
        if row_id is not None:
            self._rows.delete(table, row_id)

    def _status(self, table: str, number: int) -> str:
        statuses = STATUSES[table]
        return statuses[number % len(statuses)]

    def _pick(self, table: str, number: int) -> int | None:
        query = f"select array_agg(id order by id) from {table}"
        row = self._connection.execute(query.encode()).fetchone()
        ids = row[0] if row else None
        return ids[number % len(ids)] if ids else None

    def _pick_contact(self, number: int) -> tuple[int, int]:
        rows = self._connection.execute("select id, organization_id from contacts_contact order by id").fetchall()
        contact = rows[number % len(rows)]
        return contact[0], contact[1]


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def open_connection(url: str, *, autocommit: bool) -> Connection:
    """A connection that does not wait long for another's lock."""
    connection = psycopg.connect(url, autocommit=autocommit, cursor_factory=psycopg.ClientCursor)
    connection.execute("set lock_timeout = '300ms'")
    return connection
