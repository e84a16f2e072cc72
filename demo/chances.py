"""How often things go wrong, and how long callbacks take: one table for history and live traffic.

Here: the figures, by source and channel.
Not here: the drawing from them (history/messages.sql, traffic/fates.py), and the words of failure (texts.csv).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Chance:
    """The parts of a source's messages that are skipped, refused before the provider, retried, failed after it, and
    never heard of again; of the rest, the part that is read. Medians in seconds; sigma is of the lognormal delay."""

    source: str
    channel: str
    skipped: float
    refused: float
    retrying: float
    failed: float
    unheard: float
    readers: float
    delivery_seconds: float
    delivery_sigma: float
    read_seconds: float


CHANCES = (
    Chance("outbound", "whatsapp", 0.0, 0.014, 0.006, 0.028, 0.05, 0.62, 1.9, 0.9, 700.0),
    Chance("outbound", "email", 0.0, 0.008, 0.006, 0.035, 0.04, 0.34, 4.5, 1.2, 9000.0),
    Chance("outbound", "telegram", 0.0, 0.016, 0.004, 0.008, 0.06, 0.55, 0.5, 0.8, 400.0),
    Chance("outbound", "instagram", 0.0, 0.022, 0.004, 0.010, 0.08, 0.48, 1.1, 0.9, 1500.0),
    Chance("whatsapp", "whatsapp", 0.0, 0.010, 0.0, 0.022, 0.05, 0.62, 1.9, 0.9, 700.0),
    Chance("telegram", "telegram", 0.0, 0.014, 0.0, 0.006, 0.35, 0.40, 0.5, 0.8, 400.0),
    Chance("instagram", "instagram", 0.0, 0.020, 0.0, 0.008, 0.30, 0.48, 1.1, 0.9, 1500.0),
    Chance("email", "email", 0.018, 0.004, 0.0, 0.037, 0.03, 0.34, 5.5, 1.3, 9000.0),
)
