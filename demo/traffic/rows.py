"""Writing single rows.

Here: the inserts and updates of live traffic, composed of the identifiers that its modules name, values bound.
Not here: what is written, and when.
"""

from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

Connection = psycopg.Connection[tuple[Any, ...]]

# The columns that Django fills with an empty value where the caller gives none.
BLANKS: dict[str, dict[str, Any]] = {
    "messaging_outboundmessage": {
        "variables": {}, "error": "", "retry_count": 0, "provider_message_id": "", "provider_status": "",
    },
    "messaging_whatsappmessage": {"message_type": "text", "attachments": [], "error_reason": ""},
    "messaging_telegrammessage": {"message_type": "text", "attachments": []},
    "messaging_instagrammessage": {"message_type": "text", "attachments": [], "error_reason": ""},
    "messaging_emailrecipient": {"error": "", "retry_count": 0, "provider_message_id": ""},
    "messaging_emailjob": {
        "body_html": "<p>Hello</p>", "body_text": "Hello", "sent_count": 0, "failed_count": 0, "skipped_count": 0,
        "excluded_count": 0, "error": "", "attachments": [], "exclusions": [], "footer_html": "",
    },
    "messaging_campaign": {
        "sent_count": 0, "delivered_count": 0, "read_count": 0, "failed_count": 0, "unsubscribed_count": 0,
        "group_ids": [], "upload_used": False,
    },
    "messaging_campaignrecipient": {"provider_message_id": "", "error_message": ""},
    "monitoring_monitoringalert": {"is_acknowledged": False},
    "contacts_contact": {
        "segments": [], "tags": [], "notes": "", "metadata": {}, "telegram_invited": False, "telegram_linked": False,
        "telegram_status": "", "whatsapp_blocked": False, "whatsapp_opt_in": True, "instagram_opt_in": False,
        "instagram_blocked": False,
    },
    "bookings_booking": {
        "location": "", "notes": "", "external_calendar_id": "", "attendees": [], "gcal_calendar_id": "",
        "gcal_etag": "", "gcal_event_id": "", "gcal_ical_uid": "", "hangout_link": "", "organizer_email": "",
        "recurrence": "", "timezone": "Europe/Rome", "meeting_type": "in_person",
    },
    "bookings_bookingchangelog": {"details": {}},
    "billing_billinglog": {"currency": "EUR", "mode": "live", "metadata": {}, "error": ""},
}  # fmt: skip


class Rows:
    """One connection, in autocommit: whoever wants a transaction opens one."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def insert(self, table: str, **values: Any) -> int:
        """Inserts a row, the blanks filled in, and gives its id."""
        values = {**BLANKS.get(table, {}), **values}
        statement = sql.SQL("insert into {} ({}) values ({}) returning id").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(sql.Placeholder() * len(values)),
        )
        found = self.connection.execute(statement, [_adapted(value) for value in values.values()]).fetchone()
        if found is None:
            raise RuntimeError(f"{table} gave no id")
        return int(found[0])

    def update(self, table: str, row_id: int, **values: Any) -> bool:
        """Sets columns of a row; false when the row is gone."""
        statement = sql.SQL("update {} set {} where id = %s").format(
            sql.Identifier(table),
            sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in values),
        )
        done = self.connection.execute(statement, [*(_adapted(value) for value in values.values()), row_id])
        return done.rowcount > 0

    def increment(self, table: str, row_id: int, column: str, by: int = 1) -> None:
        """Counts up in the database, as the platform does with F(); the count drifts when a callback repeats."""
        name = sql.Identifier(column)
        self.connection.execute(
            sql.SQL("update {} set {} = {} + %s where id = %s").format(sql.Identifier(table), name, name), [by, row_id]
        )

    def delete(self, table: str, row_id: int) -> None:
        """Deletes a row and, by the tables' rules, what hangs on it."""
        self.connection.execute(sql.SQL("delete from {} where id = %s").format(sql.Identifier(table)), [row_id])


def _adapted(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict | list) else value
