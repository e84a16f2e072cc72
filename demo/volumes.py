"""How much there is of everything, for each message.

Here: the shares of sources and channels, in history and in live traffic alike; and a history's streams in rows.
Not here: when their rows fall, and what becomes of them (history/*.sql).
"""

from dataclasses import dataclass

SOURCE_NUMBERS = {
    "outbound": 1,
    "whatsapp": 2,
    "telegram": 3,
    "instagram": 4,
    "email": 5,
    "booking": 6,
    "billinglog": 7,
}


@dataclass(frozen=True)
class Share:
    """A stream's size for every message of the history. Those of outbound kinds add up to one."""

    source: str
    kind: str
    channel: str
    rhythm: str
    of_messages: float

    @property
    def is_outbound(self) -> bool:
        """Whether its rows count as the history's messages."""
        return self.kind in ("message", "campaign", "job")


SHARES = (
    Share("outbound", "message", "whatsapp", "whatsapp", 0.165),
    Share("outbound", "message", "telegram", "telegram", 0.06),
    Share("outbound", "message", "instagram", "instagram", 0.03),
    Share("outbound", "message", "email", "email", 0.045),
    Share("outbound", "campaign", "whatsapp", "campaign", 0.06),
    Share("outbound", "campaign", "telegram", "campaign", 0.02),
    Share("outbound", "campaign", "instagram", "campaign", 0.02),
    Share("whatsapp", "message", "whatsapp", "whatsapp", 0.16),
    Share("telegram", "message", "telegram", "telegram", 0.08),
    Share("instagram", "message", "instagram", "instagram", 0.06),
    Share("email", "campaign", "email", "campaign", 0.20),
    Share("email", "job", "email", "campaign", 0.10),
    Share("whatsapp", "inbound", "whatsapp", "whatsapp", 0.10),
    Share("telegram", "inbound", "telegram", "telegram", 0.05),
    Share("instagram", "inbound", "instagram", "instagram", 0.03),
    Share("booking", "other", "booking", "booking", 0.01),
    Share("billinglog", "other", "llm", "llm", 0.03),
)

CONTACTS_PER_MESSAGE = 0.2


@dataclass(frozen=True)
class Stream:
    """A share of a certain history, in rows."""

    number: int
    source: str
    source_number: int
    kind: str
    channel: str
    rhythm: str
    rows: int


def streams(messages: int) -> list[Stream]:
    """The streams of a history of so many outbound messages; the outbound ones add up to it exactly."""
    sizes = [int(messages * share.of_messages) for share in SHARES]
    outbound = sum(size for size, share in zip(sizes, SHARES, strict=True) if share.is_outbound)
    sizes[0] += messages - outbound
    return [
        Stream(number, share.source, SOURCE_NUMBERS[share.source], share.kind, share.channel, share.rhythm, size)
        for number, (size, share) in enumerate(zip(sizes, SHARES, strict=True), start=1)
    ]
