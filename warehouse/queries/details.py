"""A window channel by channel: time-series, failure reasons, latency.

Belongs here: reading them, all from one lake snapshot. Does not: the period before (summary.py), answers (api/).
"""

from dataclasses import dataclass
from datetime import datetime

from warehouse.queries.activity import read_activity, read_campaigns_made
from warehouse.queries.buckets import Interval, bucket_starts, interval_for
from warehouse.queries.channels import ChannelSeries, read_channels
from warehouse.queries.failures import FailureTemplate, read_failures
from warehouse.queries.measures import ActivityCounts
from warehouse.queries.scope import OrganizationLake
from warehouse.queries.window import Asked, Window, window_of


@dataclass(frozen=True)
class Details:
    """One organization's window, cut into the buckets that begin at `starts`."""

    window: Window
    interval: Interval
    starts: tuple[datetime, ...]
    notices: tuple[str, ...]
    channels: ChannelSeries
    failures: list[FailureTemplate]
    activity: ActivityCounts
    campaigns: int


def read_details(
    lake: OrganizationLake, asked: Asked, interval: Interval | None, channel: str | None = None
) -> Details:
    """A window in detail; a `channel` that is asked for is there whether or not anything happened on it.

    Raises BadRequestError for a window that can't be, or an interval too fine for it.
    """
    window = window_of(asked, lake.as_of, lake.held)
    chosen, notice = interval_for(window, interval, lake.held)
    starts = bucket_starts(window, chosen, asked.zone, lake.held)
    whole = [window.start]
    return Details(
        window=window,
        interval=chosen,
        starts=tuple(starts),
        notices=(*window.notices, *([notice] if notice else ())),
        channels=read_channels(lake, window, starts, named=[channel] if channel else []),
        failures=read_failures(lake, window),
        activity=read_activity(lake, window, whole)[window.start],
        campaigns=read_campaigns_made(lake, window),
    )
