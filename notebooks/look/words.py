"""What things are called on the screens.

Belongs here: names for the API's codes. Does not: colours (palette.py), numbers (numbers.py).
"""

CHANNELS = {"whatsapp": "WhatsApp", "email": "E-mail", "telegram": "Telegram", "instagram": "Instagram"}

STATUSES = {
    "read": "Read",
    "delivered": "Delivered, not read",
    "sent": "Sent, not confirmed",
    "failed": "Failed",
    "queued": "Waiting or skipped",
}
"""States that exclude each other, so that they stack to the whole."""

REASONS = {
    "bounce": "Bounced",
    "blocked": "Blocked",
    "opt-out": "Opted out",
    "invalid": "Invalid address or request",
    "rate-limit": "Rate limit",
    "network": "Network or provider down",
    "unknown": "Unknown",
}

SEVERITIES = {"critical": "Critical", "warn": "Warning", "info": "Info"}
"""The worst first."""

ALERT_STATUSES = {"open": "Open", "acked": "Acknowledged", "resolved": "Resolved"}

INTERVALS = {"5m": "5 min", "15m": "15 min", "1h": "hour", "6h": "6 hours", "1d": "day"}

RANGES = {
    "today": "Today",
    "24h": "Last 24 hours",
    "7d": "Last 7 days",
    "30d": "Last 30 days",
    "90d": "Last 90 days",
    "12m": "Last 12 months",
    "custom": "Custom",
}

BEFORE = {
    "today": "yesterday",
    "24h": "the 24 h before",
    "7d": "the 7 days before",
    "30d": "the 30 days before",
    "90d": "the 90 days before",
    "12m": "the 12 months before",
}
"""What a window is compared with."""


def plain(code: str | None) -> str:
    """A code without a name of its own, made readable: `mailbox_full` is `Mailbox full`."""
    return (code or "").replace("_", " ").replace("-", " ").strip().capitalize()


def reason(code: str | None) -> str:
    """What a failure's reason is called."""
    return REASONS.get(code or "", plain(code))


def channel(code: str) -> str:
    """What a channel is called; one that is not known has its word's."""
    return CHANNELS.get(code) or plain(code) or "No channel"
