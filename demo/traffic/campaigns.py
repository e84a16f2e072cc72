"""Campaigns: their row, their recipients, their counters.

Here: what all channels' campaigns have in common.
Not here: the messages (outbound.py, emails.py).
"""

from dataclasses import dataclass, field
from datetime import datetime

from demo.traffic.directory import Contact
from demo.traffic.rows import Rows

RANKS = {"queued": 0, "sent": 1, "delivered": 2, "read": 3, "failed": 4}
NAMES = ("Spring menu", "Weekend offer", "We miss you", "New arrivals", "Birthday greetings", "Last places")


@dataclass
class CampaignProgress:
    """A campaign under way: the recipients' statuses, and how many still wait."""

    id: int
    target: int
    statuses: dict[int, str] = field(default_factory=dict)

    def tell(self, rows: Rows, recipient_id: int, status: str, provider_message_id: str, error: str = "") -> None:
        """Moves a recipient on, never back. The counter counts every telling, repeated ones too, as the platform's."""
        if status not in ("sent", "delivered", "read", "failed"):
            return
        rows.increment("messaging_campaign", self.id, f"{status}_count")
        before = self.statuses.get(recipient_id, "queued")
        if RANKS[status] <= RANKS[before]:
            return
        self.statuses[recipient_id] = status
        rows.update(
            "messaging_campaignrecipient",
            recipient_id,
            status=status,
            provider_message_id=provider_message_id,
            error_message=error,
        )
        if before == "queued" and len(self.statuses) == self.target:
            rows.update("messaging_campaign", self.id, status="completed")


def start_campaign(
    rows: Rows, now: datetime, channel: str, contacts: list[Contact], name: str
) -> tuple[CampaignProgress, list[int]]:
    """Writes a running campaign and its queued recipients; gives their ids in the contacts' order."""
    campaign_id = rows.insert(
        "messaging_campaign",
        name=f"{name} {now:%d %b}",
        channel=channel,
        target_count=len(contacts),
        estimated_cost=round(len(contacts) * (0.0008 if channel == "email" else 0.045), 4),
        status="running",
        created_at=now,
        organization_id=contacts[0].organization_id,
    )
    recipient_ids = [
        rows.insert(
            "messaging_campaignrecipient",
            status="queued",
            created_at=now,
            campaign_id=campaign_id,
            contact_id=contact.id,
        )
        for contact in contacts
    ]
    return CampaignProgress(campaign_id, len(contacts)), recipient_ids
