"""Rules over callbacks: failures they tell, callbacks that stay away, callbacks that come late.

Belongs here: these judgements. Does not: sends (delivery.py).
"""

from alerts.finding import Finding, Fingerprint, find, percent
from alerts.limits import Default
from alerts.thresholds import Applied
from alerts.vocabulary import Rule, named
from warehouse.facts.read import ChannelTraffic, Latency


def callback_failures(fact: ChannelTraffic, applied: Applied, default: Default) -> Finding | None:
    """The share of callbacks that tell of a message that did not arrive, or should not have."""
    if fact.callbacks < applied.limits.minimum_volume:
        return None
    value = percent(fact.callback_errors, fact.callbacks)
    return find(
        Fingerprint(fact.organization_id, Rule.CALLBACK_FAILURES, fact.channel, ""), applied, value,
        fact.callback_errors,
        title=f"{named(fact.channel)}: {value:.0f} % of callbacks tell of failures",
        description=f"{fact.callback_errors:,} of {fact.callbacks:,} callbacks of {default.window_minutes} minutes "
        "tell of failed messages.",
    )  # fmt: skip


def webhook_silence(fact: ChannelTraffic, applied: Applied, default: Default) -> Finding | None:
    """The share of the callbacks that sends like these used to bring, and that stay away."""
    if not fact.usual_sent:
        return None
    expected = round(fact.sent * fact.usual_callbacks / fact.usual_sent)
    if expected < applied.limits.minimum_volume:
        return None
    missing = max(0, expected - fact.callbacks)
    value = percent(missing, expected)
    return find(
        Fingerprint(fact.organization_id, Rule.WEBHOOK_SILENCE, fact.channel, ""), applied, value, missing,
        title=f"{named(fact.channel)}: " + ("callbacks stay away" if fact.callbacks else "no callback comes back"),
        description=f"{fact.sent:,} messages went out in {default.window_minutes} minutes and {fact.callbacks:,} "
        f"callbacks came; by the 7 days before it should be about {expected:,}. Is the webhook's address still right?",
    )  # fmt: skip


def latency(fact: Latency, applied: Applied, default: Default) -> Finding | None:
    """The least p95 of the window's slots: high only when callbacks were late in every one of them."""
    if len(fact.p95_ms) < default.buckets or min(fact.callbacks) < applied.limits.minimum_volume:
        return None
    value = min(fact.p95_ms)
    each = default.window_minutes // default.buckets
    return find(
        Fingerprint(fact.organization_id, Rule.LATENCY, fact.channel, ""), applied, value, sum(fact.callbacks),
        title=f"{named(fact.channel)}: callbacks come late, p95 {value / 1000:,.0f} s",
        description=f"The p95 of each of the last {default.buckets} times {each} minutes was {value / 1000:,.0f} s or "
        f"more, over {sum(fact.callbacks):,} callbacks.",
    )  # fmt: skip
