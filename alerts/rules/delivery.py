"""Rules over sends: failures, failures against the usual, channels that can't send.

Belongs here: these judgements. Does not: callbacks (callbacks.py), what e-mail alone knows (email.py).
"""

from alerts.finding import Finding, Fingerprint, find, percent
from alerts.limits import Default
from alerts.thresholds import Applied
from alerts.vocabulary import Rule, named
from warehouse.facts.read import ChannelTraffic, Unconfigured


def delivery_failures(fact: ChannelTraffic, applied: Applied, default: Default) -> Finding | None:
    """The share of sends that failed."""
    if fact.attempted < applied.limits.minimum_volume:
        return None
    value = percent(fact.failed, fact.attempted)
    return find(
        Fingerprint(fact.organization_id, Rule.DELIVERY_FAILURES, fact.channel, ""), applied, value, fact.failed,
        title=f"{named(fact.channel)}: {value:.0f} % of sends fail",
        description=f"{fact.failed:,} of {fact.attempted:,} sends of {default.window_minutes} minutes failed.",
    )  # fmt: skip


def delivery_failure_spike(fact: ChannelTraffic, applied: Applied, default: Default) -> Finding | None:
    """The share of sends that failed, as a multiple of the organization's own last 7 days."""
    least = applied.limits.minimum_volume
    if fact.attempted < least or fact.usual_attempted < least:
        return None
    rate, usual = percent(fact.failed, fact.attempted), percent(fact.usual_failed, fact.usual_attempted)
    value = rate / max(usual, default.usual_at_least_percent)
    return find(
        Fingerprint(fact.organization_id, Rule.DELIVERY_FAILURE_SPIKE, fact.channel, ""), applied, value, fact.failed,
        title=f"{named(fact.channel)}: sends fail {value:.0f} times as often as usual",
        description=f"{rate:.1f} % of {fact.attempted:,} sends of {default.window_minutes} minutes failed; "
        f"in the 7 days before it was {usual:.1f} %.",
    )  # fmt: skip


def integration_missing(fact: Unconfigured, applied: Applied, default: Default) -> Finding | None:
    """A channel in use that no active integration with a token serves."""
    return find(
        Fingerprint(fact.organization_id, Rule.INTEGRATION_MISSING, fact.channel, ""), applied, fact.messages,
        fact.messages,
        title=f"{named(fact.channel)}: used, but {fact.lack}",
        description=f"{fact.messages:,} messages were written in {default.window_minutes} minutes and can't be sent: "
        f"{fact.lack}.",
        details={"lack": fact.lack},
    )  # fmt: skip
