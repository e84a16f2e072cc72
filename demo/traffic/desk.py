"""What every sender needs at hand, and the rows that several of them write: callbacks, alerts, suppressions.

Here: those shared rows, and the shapes of providers' payloads.
Not here: a message's own table (chats.py, emails.py).
"""

import random
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from demo.texts import Text, render
from demo.traffic.directory import Contact, Directory
from demo.traffic.fates import Fate, Fates, Outages
from demo.traffic.rows import Rows
from demo.traffic.schedule import Schedule

UNKNOWN_LATENCY = 0.015


@dataclass
class Desk:
    """The parts that senders share. A new connection replaces the directory and what rows write to."""

    rows: Rows
    directory: Directory
    schedule: Schedule
    fates: Fates
    outages: Outages
    random: random.Random

    def fate(self, source: str, channel: str, organization_id: int) -> Fate:
        """Draws the fate of a message under today's circumstances."""
        return self.fates.draw(
            source,
            channel,
            is_configured=self.directory.is_configured(organization_id, channel),
            trouble=self.outages.kind(channel),
        )

    def words(self, text: Text | None, contact: Contact) -> str:
        """The text of a failure, filled in for this contact."""
        return "" if text is None else render(self.random, text.text, email=contact.email, phone=contact.phone)

    def provider_message_id(self, channel: str) -> str:
        """A new id, in the provider's own form."""
        digits = uuid.UUID(int=self.random.getrandbits(128)).hex
        forms = {
            "whatsapp": f"SM{digits}",
            "email": f"{digits[:22]}.recvd-{int(digits[:6], 16) % 100_000}",
            "telegram": str(100_000 + int(digits[:8], 16)),
            "instagram": f"mid.{digits}",
        }
        return forms[channel]

    def record_callback(
        self,
        now: datetime,
        *,
        channel: str,
        status: str,
        contact: Contact,
        provider_message_id: str,
        sent_at: datetime | None = None,
        outbound_id: int | None = None,
        text: Text | None = None,
        error: str = "",
    ) -> None:
        """Writes a provider's callback, with the latency where the sending's time is known."""
        latency = 0
        if sent_at is not None and self.random.random() >= UNKNOWN_LATENCY:
            latency = max(0, round((now - sent_at).total_seconds() * 1000))
        self.rows.insert(
            "messaging_providerevent",
            provider_message_id=provider_message_id,
            channel=channel,
            status=status,
            payload=_payload(channel, status, provider_message_id, contact=contact, text=text, error=error),
            latency_ms=latency,
            received_at=now,
            organization_id=contact.organization_id,
            outbound_id=outbound_id,
        )

    def alert(self, now: datetime, contact: Contact, category: str, error: str, **metadata: Any) -> None:
        """Writes the alert that the platform raises for one failed message."""
        self.rows.insert(
            "monitoring_monitoringalert",
            category=category,
            severity="warning" if category == "callback_failure" else "error",
            message=error,
            metadata=metadata,
            created_at=now,
            organization_id=contact.organization_id,
        )

    def suppress(self, now: datetime, contact: Contact, reason: str) -> None:
        """Suppresses an address, once."""
        self.rows.connection.execute(
            "insert into messaging_suppression (channel, identifier, reason, created_at, organization_id)"
            " select 'email', %(email)s, %(reason)s, %(now)s, %(organization_id)s where not exists ("
            "   select from messaging_suppression where organization_id = %(organization_id)s"
            "   and identifier = %(email)s and reason = %(reason)s)",
            {"email": contact.email, "reason": reason, "now": now, "organization_id": contact.organization_id},
        )

    def unsubscribe(self, now: datetime, contact: Contact) -> None:
        """Marks a contact as unsubscribed; nobody writes to it any more."""
        self.rows.update("contacts_contact", contact.id, status="unsubscribed", updated_at=now)
        if self.directory.can_spare(contact.organization_id):
            self.directory.forget(contact)


def alert_category(text: Text | None) -> str:
    """The category under which the platform files a send that did not reach the provider."""
    if text is not None and text.stage == "unconfigured":
        return "integration_missing"
    if text is not None and text.text.startswith(("HTTPSConnectionPool", "<urlopen", "Timed out", "timed out")):
        return "send_exception"
    return "send_failure"


def _bounce_type(text: Text) -> str:
    refused = ("Content", "Reputation", "Technical Failure", "Frequency or Volume Too High")
    return "blocked" if text.classification in refused else "bounce"


def _payload(
    channel: str, status: str, message_id: str, *, contact: Contact, text: Text | None, error: str
) -> dict[str, Any]:
    if channel == "email":
        payload: dict[str, Any] = {"event": status, "sg_message_id": message_id}
        if status == "open":
            payload["sg_machine_open"] = int(message_id[:2], 16) < 77
        if text is not None:
            fields = {
                "email": contact.email,
                "reason": error if error != text.event else "",
                "status": text.code,
                "bounce_classification": text.classification,
                "type": _bounce_type(text) if text.event == "bounce" else "",
            }
            payload |= {name: value for name, value in fields.items() if value}
        return payload
    if channel == "whatsapp":
        if text is None:
            return {"MessageSid": message_id, "MessageStatus": status}
        if len(text.code) == 6:
            return {"id": message_id, "status": status, "errors": [{"code": int(text.code), "title": error}]}
        codes = {"ErrorCode": text.code, "ErrorMessage": error, "To": f"whatsapp:{contact.phone}"}
        return {"MessageSid": message_id, "MessageStatus": status, **codes}
    return {"message_id": message_id, "status": status, **({"error": error} if text is not None else {})}
