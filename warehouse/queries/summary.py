"""The figures of a window beside those of the window before it, and their course.

Belongs here: reading them, all from one lake snapshot. Does not: single channels and errors (details.py), and how an
answer looks (api/).
"""

from dataclasses import dataclass
from datetime import datetime

from warehouse.queries.activity import Made, read_activity, read_made
from warehouse.queries.buckets import Interval, bucket_starts, interval_for
from warehouse.queries.channels import ChannelSeries, read_channels
from warehouse.queries.measures import ActivityCounts
from warehouse.queries.metrics import Totals, read_totals
from warehouse.queries.scope import OrganizationLake
from warehouse.queries.window import Asked, Window, previous_window, window_of


@dataclass(frozen=True)
class Summary:
    """One organization's figures in `window` and in `previous` (None where the warehouse doesn't hold all of that).

    `starts` are the buckets of the window; the series hold those of `previous` too, as one bucket.
    """

    window: Window
    previous: Window | None
    interval: Interval
    starts: tuple[datetime, ...]
    notices: tuple[str, ...]
    channels: ChannelSeries
    activity: dict[datetime, ActivityCounts]
    made: dict[datetime, Made]
    totals: Totals

    def activity_in(self, period: Window) -> ActivityCounts:
        """The activity of a period that begins and ends with buckets."""
        return sum((n for at, n in self.activity.items() if period.start <= at < period.end), ActivityCounts())

    def made_in(self, period: Window) -> Made:
        """What was made in a period that begins and ends with buckets."""
        return sum((n for at, n in self.made.items() if period.start <= at < period.end), Made())

    def course(self, name: str) -> list[int]:
        """A count (of messages, of activity or of what was made) in each bucket of the window."""
        if name in Made.__dataclass_fields__:
            return [getattr(self.made[at], name) for at in self.starts]
        if name in ActivityCounts.__dataclass_fields__:
            return [getattr(self.activity[at], name) for at in self.starts]
        counts = dict.fromkeys(self.starts, 0)
        for point in (point for points in self.channels.points.values() for point in points):
            if point.at in counts:
                counts[point.at] += getattr(point.counts, name)
        return list(counts.values())


def read_summary(lake: OrganizationLake, asked: Asked) -> Summary:
    """The figures of a window and of the one before. Raises BadRequestError for a window that can't be."""
    window = window_of(asked, lake.as_of, lake.held)
    previous = previous_window(window, asked, lake.held)
    interval, notice = interval_for(window, None, lake.held)
    starts = bucket_starts(window, interval, asked.zone, lake.held)
    span, cuts = window, starts
    if previous:
        span = Window(previous.start, window.end)
        cuts = sorted({previous.start, previous.end, *starts} - {window.end})
    return Summary(
        window=window,
        previous=previous,
        interval=interval,
        starts=tuple(starts),
        notices=(*window.notices, *([notice] if notice else ())),
        channels=read_channels(lake, span, cuts),
        activity=read_activity(lake, span, cuts),
        made=read_made(lake, span, cuts),
        totals=read_totals(lake),
    )
