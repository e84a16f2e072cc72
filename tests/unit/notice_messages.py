"""Messages about one alert, for tests of words and transports.

Belongs here: an alert with sensible values. Does not: claims.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from alerts.notify.message import AlertState, EventState, Item, Links, Message
from alerts.outbox import NoticeKind

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
KEY = UUID("6f9619ff-8b86-4d01-b42d-00c04fc964ff")


def item(kind: NoticeKind = NoticeKind.OPENED, *, at: datetime = NOW, note: str = "", **alert: Any) -> Item:
    """A notice of an alert; `alert` replaces what it would be."""
    values: dict[str, Any] = {
        "id": 1, "organization_id": 3, "rule": "bounces", "channel": "email", "subject": "", "status": "open",
        "severity": "critical", "title": "12.4 % of e-mails bounce", "description": "518 of 4,180 bounced.",
        "value": 12.4, "peak": 12.4, "threshold": 5, "applied": {"unit": "percent"}, "count": 518, "details": {},
        "first_seen": NOW, "last_seen": NOW, "created_at": NOW, "alarm_at": NOW, "acked_by": None, "acked_at": None,
        "resolved_at": None, "escalated_at": None, "request_id": None, **alert,
    }  # fmt: skip
    event = EventState(id=values["id"], reason="breached", actor_id=None, note=note)
    return Item(kind=kind, at=at, alert=AlertState(**values), event=event)


def message(*items: Item, organization: str = "Alpine Travel") -> Message:
    """A message of these notices, of one if none is given."""
    return Message(KEY, 3, organization, NOW, items or (item(),), links=Links("https://dash.example.com"))
