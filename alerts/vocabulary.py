"""The closed words of alerts: rules, severities, statuses, reasons.

Belongs here: enums that the store, the API and people share, and what channels are called. Does not: what follows from
them (lifecycle.py, rules/).
"""

from enum import StrEnum

_CHANNELS = {"whatsapp": "WhatsApp", "email": "E-mail", "telegram": "Telegram", "instagram": "Instagram"}


def named(channel: str) -> str:
    """A channel's name for people; one that is not known has its word's."""
    return _CHANNELS.get(channel) or channel.replace("_", " ").replace("-", " ").capitalize() or "No channel"


class Severity(StrEnum):
    """info: for your information; warn: degraded; critical: failure or sustained breach."""

    INFO = "info"
    WARN = "warn"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Greater is worse."""
        return list(Severity).index(self)


class Status(StrEnum):
    """Where an alert is in its life."""

    OPEN = "open"
    ACKED = "acked"
    RESOLVED = "resolved"


class Rule(StrEnum):
    """Every rule there is; docs/alerts.md has a section for each, under its name with dashes."""

    CALLBACK_FAILURES = "callback_failures"
    DELIVERY_FAILURES = "delivery_failures"
    DELIVERY_FAILURE_SPIKE = "delivery_failure_spike"
    BOUNCES = "bounces"
    BOUNCE_SPIKE = "bounce_spike"
    SPAM_COMPLAINTS = "spam_complaints"
    BOOKING_ERRORS = "booking_errors"
    ASSISTANT_ERRORS = "assistant_errors"
    INTEGRATION_MISSING = "integration_missing"
    WEBHOOK_SILENCE = "webhook_silence"
    LATENCY = "latency"
    PLATFORM_ALERTS = "platform_alerts"
    STALE_PIPELINE = "stale_pipeline"


class Reason(StrEnum):
    """Why an alert changed: one for each way a life goes on."""

    BREACHED = "breached"  # a limit was passed for the hold time
    RETURNED = "returned"  # it was passed again within the reopen window
    WORSENED = "worsened"  # a higher limit was passed
    CLEARED = "cleared"  # the value stayed under the clearing limit, or nothing was left to judge by
    UNATTENDED = "unattended"  # critical, and nobody acked it in time
    MUTE_ENDED = "mute_ended"  # still there when the mute that kept it quiet ended
    PERSON_ACKED = "person_acked"
    PERSON_RESOLVED = "person_resolved"
    PERSON_REOPENED = "person_reopened"


OPERATIONS = 0
"""The organization of alerts that concern the monitoring itself: everybody sees them, only operators act on them."""
