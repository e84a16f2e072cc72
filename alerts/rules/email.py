"""Rules over how e-mails ended: bounces, bounces against the usual, complaints.

Belongs here: these judgements. Does not: what all channels share (delivery.py).
"""

from alerts.finding import Finding, Fingerprint, find, percent
from alerts.limits import Default
from alerts.thresholds import Applied
from alerts.vocabulary import Rule
from warehouse.facts.read import EmailEndings


def bounces(fact: EmailEndings, applied: Applied, default: Default) -> Finding | None:
    """The share of e-mails that bounced."""
    if fact.attempted < applied.limits.minimum_volume:
        return None
    value = percent(fact.bounced, fact.attempted)
    return find(
        Fingerprint(fact.organization_id, Rule.BOUNCES, "email", ""), applied, value, fact.bounced,
        title=f"E-mail: {value:.1f} % bounce",
        description=f"{fact.bounced:,} of {fact.attempted:,} e-mails of {_hours(default)} bounced.",
    )  # fmt: skip


def bounce_spike(fact: EmailEndings, applied: Applied, default: Default) -> Finding | None:
    """The share of e-mails that bounced, as a multiple of the organization's own last 7 days."""
    least = applied.limits.minimum_volume
    if fact.attempted < least or fact.usual_attempted < least:
        return None
    rate, usual = percent(fact.bounced, fact.attempted), percent(fact.usual_bounced, fact.usual_attempted)
    value = rate / max(usual, default.usual_at_least_percent)
    return find(
        Fingerprint(fact.organization_id, Rule.BOUNCE_SPIKE, "email", ""), applied, value, fact.bounced,
        title=f"E-mail: {value:.0f} times as many bounces as usual",
        description=f"{rate:.1f} % of {fact.attempted:,} e-mails of {_hours(default)} bounced; in the 7 days before it "
        f"was {usual:.1f} %.",
    )  # fmt: skip


def spam_complaints(fact: EmailEndings, applied: Applied, default: Default) -> Finding | None:
    """The share of e-mails whose reader called them spam."""
    if fact.attempted < applied.limits.minimum_volume:
        return None
    value = percent(fact.spam, fact.attempted)
    return find(
        Fingerprint(fact.organization_id, Rule.SPAM_COMPLAINTS, "email", ""), applied, value, fact.spam,
        title=f"E-mail: {value:.2f} % are called spam",
        description=f"Readers of {fact.spam:,} of {fact.attempted:,} e-mails of {_hours(default)} complained.",
    )  # fmt: skip


def _hours(default: Default) -> str:
    return f"{default.window_minutes / 60:g} hours"
