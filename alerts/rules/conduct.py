"""Rules over what the platform does beside sending: bookings and the assistant.

Belongs here: these judgements. Does not: messages.
"""

from alerts.finding import Finding, Fingerprint, find, percent
from alerts.limits import Default
from alerts.thresholds import Applied
from alerts.vocabulary import Rule
from warehouse.facts.read import Activity


def booking_errors(fact: Activity, applied: Applied, default: Default) -> Finding | None:
    """The share of bookings that ended cancelled."""
    if fact.bookings < applied.limits.minimum_volume:
        return None
    value = percent(fact.bookings_cancelled, fact.bookings)
    return find(
        Fingerprint(fact.organization_id, Rule.BOOKING_ERRORS, "", ""), applied, value, fact.bookings_cancelled,
        title=f"Bookings: {value:.0f} % end cancelled",
        description=f"{fact.bookings_cancelled:,} of {fact.bookings:,} bookings of {default.window_minutes // 60} "
        "hours were cancelled.",
    )  # fmt: skip


def assistant_errors(fact: Activity, applied: Applied, default: Default) -> Finding | None:
    """The share of calls of language models that failed."""
    if fact.llm_calls < applied.limits.minimum_volume:
        return None
    value = percent(fact.llm_failed, fact.llm_calls)
    return find(
        Fingerprint(fact.organization_id, Rule.ASSISTANT_ERRORS, "", ""), applied, value, fact.llm_failed,
        title=f"Assistant: {value:.0f} % of calls fail",
        description=f"{fact.llm_failed:,} of {fact.llm_calls:,} calls of language models of {default.window_minutes} "
        "minutes failed.",
    )  # fmt: skip
