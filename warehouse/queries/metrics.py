"""The figures of the overview: what an organization has in all, today, and in a window.

Belongs here: reading them, all from one lake snapshot. Does not: time-series and single errors, and how an answer looks
(api/).
"""

from dataclasses import dataclass, field, replace

from warehouse.channels import in_order
from warehouse.queries.channels import ChannelSeries, read_channels
from warehouse.queries.measures import (
    ACTIVITY_MEASURES,
    ActivityCounts,
    MessageCounts,
    measures_sql,
)
from warehouse.queries.scope import OrganizationLake
from warehouse.queries.window import Asked, Range, Window, window_of


@dataclass(frozen=True)
class Totals:
    """What an organization has now, and all it ever did."""

    contacts: int = 0
    contacts_unsubscribed: int = 0
    campaigns: int = 0
    campaigns_active: int = 0
    email_jobs: int = 0
    activity: ActivityCounts = field(default_factory=ActivityCounts)


@dataclass(frozen=True)
class Unsubscribed:
    """Contacts who unsubscribed by themselves, attributed to the campaign that had reached them last.

    The platform leaves their recipient row as it was, so they stand beside those whose row says `unsubscribed`.
    """

    by_campaign: int = 0
    by_none: int = 0


@dataclass(frozen=True)
class Metrics:
    """One organization's overview. `lifetime` covers all that the organization ever had, by channel."""

    window: Window
    totals: Totals
    lifetime: dict[str, MessageCounts]
    today: MessageCounts
    channels: ChannelSeries
    unsubscribed: Unsubscribed


def read_metrics(lake: OrganizationLake, asked: Asked) -> Metrics:
    """The overview of one organization. Raises BadRequestError for a window that can't be."""
    window = window_of(asked, lake.as_of, lake.held)
    lifetime = _lifetime(lake)
    channels = read_channels(lake, window, [window.start], named=lifetime)
    today = window_of(replace(asked, range=Range.TODAY, start=None, end=None), lake.as_of, lake.held)
    todays = channels if today == window else read_channels(lake, today, [today.start], with_latency=False)
    return Metrics(
        window=window,
        totals=read_totals(lake),
        lifetime=lifetime,
        today=todays.counts(),
        channels=channels,
        unsubscribed=Unsubscribed(*lake.rows("unsubscribed")[0]),
    )


def read_totals(lake: OrganizationLake) -> Totals:
    """What the organization has now; zeros for one that has nothing."""
    rows = lake.rows("totals", fragments={"measures": measures_sql(ACTIVITY_MEASURES)})
    if not rows:
        return Totals()
    contacts, unsubscribed, campaigns, active, jobs, *activity = rows[0]
    return Totals(contacts, unsubscribed, campaigns, active, jobs, ActivityCounts(*activity))


def _lifetime(lake: OrganizationLake) -> dict[str, MessageCounts]:
    """The known channels in their order, then any other that rows name: no row is left out of a total."""
    found = {
        channel: MessageCounts(*counts)
        for channel, *counts in lake.rows("channel_totals", fragments={"measures": measures_sql()})
    }
    return {name: found.get(name, MessageCounts()) for name in in_order(found)}
