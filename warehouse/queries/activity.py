"""What an organization did apart from messages, in buckets: bookings, calls of models, recipients, what was made.

Belongs here: reading it, gaps filled with zeros. Does not: messages (channels.py), which buckets (buckets.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from warehouse.queries.channels import in_buckets, microseconds, moment_of
from warehouse.queries.cover import cover
from warehouse.queries.measures import ACTIVITY_MEASURES, ActivityCounts, measures_sql
from warehouse.queries.scope import OrganizationLake
from warehouse.queries.window import Window

_KINDS = ("contacts", "campaigns", "campaigns_active", "email_jobs", "unsubscribed", "unsubscribed_by_campaign")


@dataclass(frozen=True)
class Made:
    """Contacts, campaigns and e-mail jobs that were made; contacts who unsubscribed, in all and by a campaign.

    Of the campaigns, those that are active now are neither completed nor failed.
    """

    contacts: int = 0
    campaigns: int = 0
    campaigns_active: int = 0
    email_jobs: int = 0
    unsubscribed: int = 0
    unsubscribed_by_campaign: int = 0

    def __add__(self, other: "Made") -> "Made":
        return Made(*(getattr(self, kind) + getattr(other, kind) for kind in _KINDS))


def read_activity(lake: OrganizationLake, window: Window, starts: Sequence[datetime]) -> dict[datetime, ActivityCounts]:
    """The counts of each bucket of a window, by its start."""
    sql = cover(window, starts, lake.held).sql("organization")
    fragments = {"cover": sql, "measures": measures_sql(ACTIVITY_MEASURES, summed=False)}
    rows = in_buckets(lake.frame("activity_series", fragments), starts)
    summed = rows.group_by("at_us").agg(pl.col(*ACTIVITY_MEASURES).sum())
    found = {moment_of(at_us): ActivityCounts(*counts) for at_us, *counts in summed.iter_rows()}
    return {at: found.get(at, ActivityCounts()) for at in starts}


def read_made(lake: OrganizationLake, window: Window, starts: Sequence[datetime]) -> dict[datetime, Made]:
    """What was made in each bucket of a window, by its start."""
    contacts = lake.frame("contact_series", {"cover": cover(window, starts, lake.held).sql("contact")})
    schema = {"kind": pl.String, "bucket_us": pl.Int64, "n": pl.Int64}
    others = pl.DataFrame(lake.rows("made_series", _bounds(window)), schema=schema, orient="row")
    counts: dict[int, dict[str, int]] = {}
    for frame in (
        contacts.select(pl.lit("contacts").alias("kind"), "bucket_us", pl.col("contacts").alias("n")),
        others,
    ):
        summed = in_buckets(frame, starts).group_by("at_us", "kind").agg(pl.col("n").sum())
        for at_us, kind, n in summed.iter_rows():
            counts.setdefault(at_us, {})[kind] = n
    return {at: Made(**counts.get(microseconds(at), {})) for at in starts}


def read_campaigns_made(lake: OrganizationLake, window: Window) -> int:
    """How many campaigns were made in a window."""
    return int(lake.rows("campaigns_made", _bounds(window))[0][0])


def _bounds(window: Window) -> dict[str, object]:
    return {"start": window.start.replace(tzinfo=None), "end": window.end.replace(tzinfo=None)}
