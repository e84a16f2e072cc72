"""Each measure of messages, defined once, over rollups whose states exclude each other.

Belongs here: what `outbound`, `sent`, `delivered` mean, as SQL, and the numbers as a type. Does not: what is selected.
"""

from dataclasses import dataclass

CHANNELS = ("whatsapp", "email", "telegram", "instagram")
"""The platform's channels, always all four in an answer."""

MEASURES = {
    "outbound": "queued + sent + delivered + read + failed + skipped + retrying",
    "queued": "queued",
    # accepted by the provider and not failed since
    "sent": "sent + delivered + read",
    "delivered": "delivered + read",
    "read": "read",
    "failed": "failed",
    "skipped": "skipped",
    "retrying": "retrying",
    "inbound": "inbound",
}


@dataclass(frozen=True)
class MessageCounts:
    """Messages by what is known of them. `sent` includes delivered, `delivered` includes read."""

    outbound: int = 0
    queued: int = 0
    sent: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    skipped: int = 0
    retrying: int = 0
    inbound: int = 0

    def __add__(self, other: "MessageCounts") -> "MessageCounts":
        return MessageCounts(*(getattr(self, name) + getattr(other, name) for name in MEASURES))


def measures_sql() -> str:
    """The measures as sums, for a select over channel rollups."""
    return ", ".join(f"coalesce(sum({sql}), 0)::bigint as {name}" for name, sql in MEASURES.items())
