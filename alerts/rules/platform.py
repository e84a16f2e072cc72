"""The platform's own alerts, a row a failed message: one finding a category and channel, with a count.

Belongs here: grouping's judgement. Does not: reading the rows (warehouse/facts/).
"""

from alerts.finding import Finding, Fingerprint, find
from alerts.limits import Default, Limits
from alerts.thresholds import Applied
from alerts.vocabulary import Rule, Severity, named
from warehouse.facts.read import PlatformAlerts


def platform_alerts(fact: PlatformAlerts, applied: Applied, default: Default) -> Finding | None:
    """As severe as its rows: errors are critical from that limit on, fewer and warnings are a warning, else info."""
    place = named(fact.channel) if fact.channel else "Platform"
    mostly = f", mostly “{fact.template}”" if fact.template else ""
    return find(
        Fingerprint(fact.organization_id, Rule.PLATFORM_ALERTS, fact.channel, fact.category), applied, fact.rows,
        fact.rows,
        title=f"{place}: {fact.category.replace('_', ' ')}, {_times(fact.rows)}",
        description=f"The platform reported it {_times(fact.rows)} in {default.window_minutes} minutes{mostly}.",
        details={"outbound_ids": fact.outbound_ids, "booking_ids": fact.booking_ids, "campaign_ids": fact.campaign_ids},
        first_seen=fact.first_seen,
        judged=_judged(fact, applied.limits),
    )  # fmt: skip


def _times(rows: int) -> str:
    return "once" if rows == 1 else f"{rows:,} times"


def _judged(fact: PlatformAlerts, limits: Limits) -> tuple[Severity | None, float]:
    if limits.critical is not None and fact.errors >= limits.critical:
        return Severity.CRITICAL, limits.critical
    if limits.warn is not None and fact.errors + fact.warnings >= limits.warn:
        return Severity.WARN, limits.warn
    if limits.info is not None and fact.rows >= limits.info:
        return Severity.INFO, limits.info
    return limits.judge(0)
