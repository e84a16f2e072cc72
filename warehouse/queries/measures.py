"""Each measure, defined once, over rollups whose states exclude each other.

Belongs here: what `outbound`, `sent`, `delivered` mean, as SQL, and the numbers as types. Does not: what is selected.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TypeVar

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
    "callbacks": "callbacks",
    "callback_errors": "callback_errors",
}

ACTIVITY_MEASURES = {
    "bookings": "bookings",
    "bookings_cancelled": "bookings_cancelled",
    "llm_calls": "llm_calls",
    "llm_failed": "llm_failed",
    "campaign_recipients": "campaign_queued + campaign_sent + campaign_delivered + campaign_read + campaign_failed"
    " + campaign_unsubscribed",
    "campaign_queued": "campaign_queued",
    "campaign_sent": "campaign_sent + campaign_delivered + campaign_read",
    "campaign_delivered": "campaign_delivered + campaign_read",
    "campaign_read": "campaign_read",
    "campaign_failed": "campaign_failed",
    "campaign_unsubscribed": "campaign_unsubscribed",
    "email_recipients": "email_queued + email_sent + email_delivered + email_read + email_failed + email_skipped",
    "email_queued": "email_queued",
    "email_sent": "email_sent + email_delivered + email_read",
    "email_delivered": "email_delivered + email_read",
    "email_opened": "email_read",
    "email_failed": "email_failed",
    "email_skipped": "email_skipped",
    "email_bounced": "email_bounced",
    "email_dropped": "email_dropped",
    "email_spam": "email_spam",
}

C = TypeVar("C", "MessageCounts", "ActivityCounts")


@dataclass(frozen=True)
class MessageCounts:
    """Messages by what is known of them, and callbacks. `sent` includes delivered, `delivered` includes read."""

    outbound: int = 0
    queued: int = 0
    sent: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    skipped: int = 0
    retrying: int = 0
    inbound: int = 0
    callbacks: int = 0
    callback_errors: int = 0

    def __add__(self, other: "MessageCounts") -> "MessageCounts":
        return _added(self, other)


@dataclass(frozen=True)
class ActivityCounts:
    """What an organization did apart from messages: bookings, calls of language models, recipients.

    Of recipients, `sent` includes delivered, `delivered` includes read (opened); an opener counts once. The e-mails
    that bounced, were dropped or complained of are parts of those that failed.
    """

    bookings: int = 0
    bookings_cancelled: int = 0
    llm_calls: int = 0
    llm_failed: int = 0
    campaign_recipients: int = 0
    campaign_queued: int = 0
    campaign_sent: int = 0
    campaign_delivered: int = 0
    campaign_read: int = 0
    campaign_failed: int = 0
    campaign_unsubscribed: int = 0
    email_recipients: int = 0
    email_queued: int = 0
    email_sent: int = 0
    email_delivered: int = 0
    email_opened: int = 0
    email_failed: int = 0
    email_skipped: int = 0
    email_bounced: int = 0
    email_dropped: int = 0
    email_spam: int = 0

    def __add__(self, other: "ActivityCounts") -> "ActivityCounts":
        return _added(self, other)


def measures_sql(measures: Mapping[str, str] = MEASURES, *, summed: bool = True) -> str:
    """Measures of rollup rows for a select: summed, or of each row."""
    form = "coalesce(sum({0}), 0)::bigint as {1}" if summed else "({0})::bigint as {1}"
    return ", ".join(form.format(sql, name) for name, sql in measures.items())


def recipient_measures(prefix: str) -> dict[str, str]:
    """The measures of one sending's recipients, over its own rollup: those of `campaign_` or of `email_`."""
    return {
        name.removeprefix(prefix).replace("recipients", "total"): sql.replace(prefix, "")
        for name, sql in ACTIVITY_MEASURES.items()
        if name.startswith(prefix)
    }


def success_rate(counts: MessageCounts) -> float:
    """Delivered of outbound messages in per cent; 0.0 when there are none, as today's clients expect."""
    return 100 * counts.delivered / counts.outbound if counts.outbound else 0.0


def _added(first: C, second: C) -> C:
    return type(first)(*(getattr(first, f.name) + getattr(second, f.name) for f in fields(first)))
