"""Messages and callbacks of each channel, in buckets.

Belongs here: reading them from the rollups, gaps filled with zeros. Does not: which buckets (buckets.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import polars as pl

from warehouse.queries.cover import cover
from warehouse.queries.latency import Latency, latency_of
from warehouse.queries.measures import CHANNELS, MEASURES, MessageCounts, measures_sql
from warehouse.queries.scope import OrganizationLake
from warehouse.queries.window import Window
from warehouse.sketch import Sketch
from warehouse.sketches import QUANTILES, merged_by, quantiles_by, sketch_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_KEYS = ("at_us", "channel")


@dataclass(frozen=True)
class Point:
    """One bucket of one channel; `at` is its start (UTC)."""

    at: datetime
    counts: MessageCounts = field(default_factory=MessageCounts)
    latency: Latency = field(default_factory=Latency)
    latency_sum_ms: float = 0.0


@dataclass(frozen=True)
class ChannelSeries:
    """Every channel's buckets, ascending and without gaps: all four channels in their order, then any other there is.

    `entries` are the sketches of the buckets, merged (sketches.merged_by `at_us` and `channel`).
    """

    points: dict[str, tuple[Point, ...]]
    entries: pl.DataFrame

    def counts(self, channel: str | None = None, period: Window | None = None) -> MessageCounts:
        """The buckets of one channel or all, and of a period (which begins and ends with buckets) or all, added up."""
        return sum((point.counts for point in self._chosen(channel, period)), MessageCounts())

    def latency(self, channel: str | None = None, period: Window | None = None) -> Latency:
        """The latency of the same buckets."""
        points = self._chosen(channel, period)
        sketch = self.sketch(channel, period)
        count, sum_ms = sum(p.latency.count for p in points), sum(p.latency_sum_ms for p in points)
        return latency_of(count, sum_ms, *(sketch.quantile(q) for q in QUANTILES.values()))

    def sketch(self, channel: str | None = None, period: Window | None = None) -> Sketch:
        """The sketch of the same buckets."""
        entries = self.entries if channel is None else self.entries.filter(channel=channel)
        if period:
            bounds = (microseconds(period.start), microseconds(period.end) - 1)
            entries = entries.filter(pl.col("at_us").is_between(*bounds))
        return sketch_of(entries)

    def _chosen(self, channel: str | None, period: Window | None) -> list[Point]:
        series = self.points.values() if channel is None else [self.points[channel]]
        return [p for points in series for p in points if period is None or period.start <= p.at < period.end]


def read_channels(lake: OrganizationLake, window: Window, starts: Sequence[datetime]) -> ChannelSeries:
    """Every channel's buckets in a window; `starts` are the buckets' starts, the first is the window's."""
    fragments = {"cover": cover(window, starts, lake.held).sql("channel"), "measures": measures_sql(summed=False)}
    rows = in_buckets(lake.frame("channel_rows", fragments), starts)
    entries = merged_by(rows, _KEYS)
    points = _points(rows, entries)
    channels = [*CHANNELS, *sorted({channel for channel, _ in points} - {*CHANNELS})]
    return ChannelSeries(
        {channel: tuple(points.get((channel, at)) or Point(at) for at in starts) for channel in channels}, entries
    )


def _points(rows: pl.DataFrame, entries: pl.DataFrame) -> dict[tuple[str, datetime], Point]:
    """The buckets that rows name, by channel and start."""
    summed = rows.group_by(_KEYS).agg(pl.col(*MEASURES, "latency_count", "latency_sum_ms").sum())
    found = summed.join(quantiles_by(entries, _KEYS), on=_KEYS, how="left")
    return {
        (row["channel"], at): Point(
            at,
            MessageCounts(*(row[name] for name in MEASURES)),
            latency_of(row["latency_count"], row["latency_sum_ms"], *(row[name] for name in QUANTILES)),
            row["latency_sum_ms"],
        )
        for row in found.iter_rows(named=True)
        for at in [moment_of(row["at_us"])]
    }


def in_buckets(rows: pl.DataFrame, starts: Sequence[datetime]) -> pl.DataFrame:
    """Rows with `at_us`, the start of the bucket in which their `bucket_us` lies (both us since 1970).

    Done here, since DuckDB's asof join would copy every sketch.
    """
    edges = pl.Series([microseconds(start) for start in starts], dtype=pl.Int64)
    places = edges.search_sorted(rows["bucket_us"], side="right") - 1
    return rows.with_columns(at_us=edges.gather(places) if rows.height else pl.Series([], dtype=pl.Int64))


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970-01-01 00:00 UTC."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(at_us: int) -> datetime:
    """The moment that is so many microseconds after 1970-01-01 00:00 UTC."""
    return _EPOCH + timedelta(microseconds=at_us)
