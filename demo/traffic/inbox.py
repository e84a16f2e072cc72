"""Messages of the channels' own tables: people writing back and forth.

Here: whatsappmessage, telegrammessage and instagrammessage in both directions, and inboundmessage beside them.
Not here: the platform's own sender (outbound.py).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from demo.traffic.desk import Desk, alert_category
from demo.traffic.directory import Contact
from demo.traffic.fates import Callback, Fate

STOP_RATE = 0.004
TABLES = {
    "whatsapp": "messaging_whatsappmessage",
    "telegram": "messaging_telegrammessage",
    "instagram": "messaging_instagrammessage",
}
ID_COLUMNS = {"whatsapp": "twilio_message_sid", "telegram": "telegram_message_id", "instagram": "provider_message_id"}
# Instagram's rows know no delivery, WhatsApp's no reading.
STATUSES = {
    "whatsapp": {"sent": "SENT", "delivered": "DELIVERED", "read": "DELIVERED", "failed": "FAILED"},
    "telegram": {"sent": "sent", "delivered": "delivered", "read": "read", "failed": "failed"},
    "instagram": {"sent": "SENT", "failed": "FAILED"},
}
RANKS = {"": 0, "sent": 1, "delivered": 2, "read": 3, "failed": 4}


@dataclass
class InboxMessage:
    """An outbound message of the inbox under way."""

    id: int
    channel: str
    contact: Contact
    fate: Fate
    provider_message_id: str = ""
    status: str = ""


class Inbox:
    """Writes messages in and out of the channels' tables."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def send(self, now: datetime, channel: str, contact: Contact) -> None:
        """Writes an outbound message that waits for its provider."""
        fate = self._desk.fate(channel, channel, contact.organization_id)
        values: dict[str, Any] = {"text": "We are open until seven today.", ID_COLUMNS[channel]: ""}
        values["status"] = {"whatsapp": "PENDING", "telegram": "", "instagram": "SENT"}[channel]
        row_id = self._insert(now, channel, contact, "OUTBOUND", values)
        message = InboxMessage(row_id, channel, contact, fate)
        self._desk.schedule.at(
            now + timedelta(seconds=self._desk.random.uniform(0.1, 1)), partial(self._hand_over, message)
        )

    def receive(self, now: datetime, channel: str, contact: Contact) -> None:
        """Writes an inbound message: to its channel's table and, but for Instagram, to inboundmessage."""
        desk = self._desk
        is_stop = channel == "whatsapp" and desk.random.random() < STOP_RATE
        words = "STOP" if is_stop else "Do you have a table for four?"
        message_id = desk.provider_message_id(channel)
        status = {"whatsapp": "RECEIVED", "telegram": "received", "instagram": "RECEIVED"}[channel]
        self._insert(
            now, channel, contact, "INBOUND", {"text": words, ID_COLUMNS[channel]: message_id, "status": status}
        )
        if channel != "instagram":
            self._insert_inbound(now, channel, contact, message_id, words)
        if is_stop:
            desk.unsubscribe(now, contact)

    def _insert(self, now: datetime, channel: str, contact: Contact, direction: str, values: dict[str, Any]) -> int:
        if channel == "telegram":
            values["chat_id"] = str(700_000_000 + contact.id)
        return self._desk.rows.insert(
            TABLES[channel],
            direction=direction,
            created_at=now,
            contact_id=contact.id,
            organization_id=contact.organization_id,
            **values,
        )

    def _insert_inbound(self, now: datetime, channel: str, contact: Contact, message_id: str, words: str) -> None:
        desk = self._desk
        is_known = desk.random.random() > 0.06
        row_id = desk.rows.insert(
            "messaging_inboundmessage",
            channel=channel,
            payload={"MessageSid": message_id, "From": f"whatsapp:{contact.phone}", "Body": words}
            if channel == "whatsapp"
            else {"message": {"chat": {"id": 700_000_000 + contact.id}, "text": words}},
            received_at=now,
            created_at=now,
            contact_id=contact.id if is_known else None,
            organization_id=contact.organization_id,
        )
        if not is_known:
            desk.schedule.at(
                now + timedelta(seconds=desk.random.uniform(5, 300)), partial(self._link_contact, row_id, contact)
            )

    def _link_contact(self, row_id: int, contact: Contact, _now: datetime) -> None:
        self._desk.rows.update("messaging_inboundmessage", row_id, contact_id=contact.id)

    def _hand_over(self, message: InboxMessage, now: datetime) -> None:
        desk = self._desk
        if message.fate.outcome == "refused":
            error = desk.words(message.fate.text, message.contact)
            self._set_status(message, "failed", error)
            category = alert_category(message.fate.text)
            desk.alert(now, message.contact, category, error, message_id=message.id, channel=message.channel)
            return
        message.provider_message_id = desk.provider_message_id(message.channel)
        self._set_status(message, "sent")
        for callback in message.fate.callbacks:
            due_at = now + timedelta(seconds=callback.after_seconds)
            desk.schedule.at(due_at, partial(self._call_back, message, callback))

    def _call_back(self, message: InboxMessage, callback: Callback, now: datetime) -> None:
        """These tables keep no sending time, so the latency stays unknown."""
        desk = self._desk
        error = desk.words(callback.text, message.contact)
        desk.record_callback(
            now,
            channel=message.channel,
            status=callback.status,
            contact=message.contact,
            provider_message_id=message.provider_message_id,
            text=callback.text,
            error=error,
        )
        if callback.text is None:
            self._set_status(message, callback.status)
        elif message.status != "failed":
            self._set_status(message, "failed", error)
            desk.alert(now, message.contact, "callback_failure", error, message_id=message.id, channel=message.channel)

    def _set_status(self, message: InboxMessage, status: str, error: str = "") -> None:
        if RANKS[status] <= RANKS[message.status]:
            return
        message.status = status
        values: dict[str, Any] = {ID_COLUMNS[message.channel]: message.provider_message_id}
        if status in STATUSES[message.channel]:
            values["status"] = STATUSES[message.channel][status]
        if error and message.channel != "telegram":
            values["error_reason"] = error
        self._desk.rows.update(TABLES[message.channel], message.id, **values)
