"""Messages of the platform's own sender: messaging_outboundmessage, any channel, alone or for a campaign.

Here: their lives: pending, tried again, accepted, called back about.
Not here: the inbox's messages (inbox.py), e-mail jobs (emails.py), what fate decides (fates.py).
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from demo.traffic.campaigns import CampaignProgress
from demo.traffic.desk import Desk, alert_category
from demo.traffic.directory import Contact
from demo.traffic.fates import Callback, Fate

TABLE = "messaging_outboundmessage"
RANKS = {"sent": 1, "delivered": 2, "read": 3, "failed": 4}
STATUS_OF_EVENT = {"processed": "sent", "sent": "sent", "delivered": "delivered", "open": "read", "read": "read"}
FAILURES = ("failed", "undelivered", "bounce", "dropped", "spamreport")


@dataclass
class Message:
    """A message under way, as far as it is known here."""

    id: int
    channel: str
    contact: Contact
    fate: Fate
    provider_message_id: str = ""
    sent_at: datetime | None = None
    status: str = "pending"
    retry_count: int = 0
    recipient_id: int | None = None
    progress: CampaignProgress | None = None


class OutboundSender:
    """Starts messages, and follows each to its end."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def start(
        self,
        now: datetime,
        channel: str,
        contact: Contact,
        recipient_id: int | None = None,
        progress: CampaignProgress | None = None,
    ) -> None:
        """Writes a pending message, to be sent in a moment."""
        desk = self._desk
        row_id = desk.rows.insert(
            TABLE,
            channel=channel,
            body="Your appointment is confirmed. Reply to this message to change it.",
            status="pending",
            trace_id=uuid.UUID(int=desk.random.getrandbits(128)).hex,
            created_at=now,
            updated_at=now,
            contact_id=contact.id,
            organization_id=contact.organization_id,
            template_id=desk.random.choice((None, None, desk.random.randint(1, 40))),
        )
        fate = desk.fate("outbound", channel, contact.organization_id)
        message = Message(row_id, channel, contact, fate, recipient_id=recipient_id, progress=progress)
        desk.schedule.at(now + timedelta(seconds=desk.random.uniform(0.15, 1.4)), partial(self._send, message))

    def _send(self, message: Message, now: datetime) -> None:
        if message.fate.outcome == "retrying":
            self._retry(message, now)
        elif message.fate.outcome == "refused":
            self._refuse(message, now)
        else:
            self._accept(message, now)

    def _retry(self, message: Message, now: datetime) -> None:
        desk = self._desk
        message.retry_count += 1
        error = desk.words(message.fate.text, message.contact)
        desk.rows.update(
            TABLE, message.id, status="retrying", error=error, retry_count=message.retry_count, updated_at=now
        )
        if message.retry_count >= 3 or desk.random.random() < 0.6:
            fate = desk.fate("outbound", message.channel, message.contact.organization_id)
            message.fate = fate if fate.outcome != "retrying" else Fate("unheard")
        desk.schedule.at(now + timedelta(seconds=desk.random.uniform(20, 120)), partial(self._send, message))

    def _refuse(self, message: Message, now: datetime) -> None:
        desk = self._desk
        error = desk.words(message.fate.text, message.contact)
        # The platform marks the failure under a savepoint, so that a failing alert does not undo it.
        with desk.rows.connection.transaction():
            desk.rows.update(TABLE, message.id, status="failed", error=error, failed_at=now, updated_at=now)
        desk.alert(
            now,
            message.contact,
            alert_category(message.fate.text),
            error,
            outbound_id=message.id,
            channel=message.channel,
        )
        self._tell_campaign(message, "failed", error)

    def _accept(self, message: Message, now: datetime) -> None:
        desk = self._desk
        message.provider_message_id = desk.provider_message_id(message.channel)
        message.sent_at = now
        message.status = "sent"
        desk.rows.update(
            TABLE,
            message.id,
            status="sent",
            error="",
            sent_at=now,
            provider_message_id=message.provider_message_id,
            provider_status="sent",
            updated_at=now,
        )
        self._tell_campaign(message, "sent")
        for callback in message.fate.callbacks:
            due_at = now + timedelta(seconds=callback.after_seconds)
            desk.schedule.at(due_at, partial(self._call_back, message, callback))

    def _call_back(self, message: Message, callback: Callback, now: datetime) -> None:
        desk = self._desk
        error = desk.words(callback.text, message.contact)
        desk.record_callback(
            now,
            channel=message.channel,
            status="bounced" if callback.status == "bounce" else callback.status,
            contact=message.contact,
            provider_message_id=message.provider_message_id,
            sent_at=message.sent_at,
            outbound_id=message.id,
            text=callback.text,
            error=error or callback.status,
        )
        with desk.rows.connection.transaction():
            if callback.status in FAILURES:
                self._fail(message, now, callback, error or callback.status)
            elif callback.status in STATUS_OF_EVENT:
                self._advance(message, now, STATUS_OF_EVENT[callback.status])

    def _fail(self, message: Message, now: datetime, callback: Callback, error: str) -> None:
        desk = self._desk
        if message.status == "failed":
            return
        message.status = "failed"
        desk.rows.update(
            TABLE, message.id, status="failed", error=error, failed_at=now, provider_status="failed", updated_at=now
        )
        if message.channel == "email":
            desk.suppress(now, message.contact, callback.status)
        desk.alert(now, message.contact, "callback_failure", error, outbound_id=message.id, channel=message.channel)
        self._tell_campaign(message, "failed", error)

    def _advance(self, message: Message, now: datetime, status: str) -> None:
        """Moves the status on, never back: a delivery that is told after the reading only leaves its time."""
        rows = self._desk.rows
        if status == "delivered":
            rows.update(TABLE, message.id, delivered_at=now, updated_at=now)
        self._tell_campaign(message, status)
        if RANKS[status] > RANKS.get(message.status, 0):
            message.status = status
            rows.update(TABLE, message.id, status=status, provider_status=status, updated_at=now)

    def _tell_campaign(self, message: Message, status: str, error: str = "") -> None:
        if message.progress is not None and message.recipient_id is not None:
            message.progress.tell(self._desk.rows, message.recipient_id, status, message.provider_message_id, error)
