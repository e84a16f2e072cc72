"""Messages and callbacks of each channel, in buckets.

Belongs here: reading them from the rollups, gaps filled with zeros. Does not: which buckets (buckets.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

import polars as pl

from warehouse.channels import in_order
from warehouse.latency.sketch import Sketch
from warehouse.latency.sketches import QUANTILES, merged_by, quantiles_by, sketch_of
from warehouse.queries.cover import cover
from warehouse.queries.latency import Latency, latency_of
from warehouse.queries.measures import MEASURES, MessageCounts, measures_sql
from warehouse.queries.scope import OrganizationLake
from warehouse.queries.window import Window

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_KEYS = ("at_us", "channel")
_UNKNOWN = (None, None, None)


@dataclass(frozen=True)
class Point:
    """One bucket of one channel; `at` is its start (UTC)."""

    at: datetime
    counts: MessageCounts = field(default_factory=MessageCounts)
    latency_count: int = 0
    latency_sum_ms: float = 0.0


@dataclass(frozen=True)
class ChannelSeries:
    """Every channel's buckets, ascending and without gaps: the known channels in their order, then any other there is.

    `rows` are those of the rollups, with `at_us`, `channel` and `latency`; they are merged when it is asked for.
    """

    points: dict[str, tuple[Point, ...]]
    rows: pl.DataFrame
    _sketches: dict[tuple[str | None, Window | None], Sketch] = field(default_factory=dict, init=False, repr=False)

    def counts(self, channel: str | None = None, period: Window | None = None) -> MessageCounts:
        """The buckets of one channel or all, and of a period (which begins and ends with buckets) or all, added up."""
        return sum((point.counts for point in self._chosen(channel, period)), MessageCounts())

    def mean_latency_ms(self, channel: str | None = None, period: Window | None = None) -> float | None:
        """The mean latency of the same buckets in ms; None where none is known."""
        points = self._chosen(channel, period)
        count = sum(point.latency_count for point in points)
        return sum(point.latency_sum_ms for point in points) / count if count else None

    def latency(self, channel: str | None = None, period: Window | None = None) -> Latency:
        """The latency of the same buckets."""
        points, sketch = self._chosen(channel, period), self.sketch(channel, period)
        count, sum_ms = sum(p.latency_count for p in points), sum(p.latency_sum_ms for p in points)
        return latency_of(count, sum_ms, *(sketch.quantile(q) for q in QUANTILES.values()))

    def sketch(self, channel: str | None = None, period: Window | None = None) -> Sketch:
        """The sketch of the same buckets, merged once."""
        asked = (channel, period)
        if asked not in self._sketches:
            self._sketches[asked] = self._merged(channel, period)
        return self._sketches[asked]

    def latencies(self, channel: str) -> list[Latency]:
        """The latency of each of a channel's buckets."""
        return [
            latency_of(p.latency_count, p.latency_sum_ms, *self._quantiles.get((microseconds(p.at), channel), _UNKNOWN))
            for p in self.points[channel]
        ]

    def _merged(self, channel: str | None, period: Window | None) -> Sketch:
        rows = self.rows if channel is None else self.rows.filter(channel=channel)
        if period:
            bounds = (microseconds(period.start), microseconds(period.end) - 1)
            rows = rows.filter(pl.col("at_us").is_between(*bounds))
        return sketch_of(rows)

    @cached_property
    def _quantiles(self) -> dict[tuple[int, str], tuple[float, float, float]]:
        found = quantiles_by(merged_by(self.rows, _KEYS), _KEYS).select(*_KEYS, *QUANTILES)
        return {(at_us, channel): (p50, p95, p99) for at_us, channel, p50, p95, p99 in found.iter_rows()}

    def _chosen(self, channel: str | None, period: Window | None) -> list[Point]:
        series = self.points.values() if channel is None else [self.points[channel]]
        return [p for points in series for p in points if period is None or period.start <= p.at < period.end]


def read_channels(
    lake: OrganizationLake, window: Window, starts: Sequence[datetime], *,
    named: Iterable[str] = (), with_latency: bool = True,
) -> ChannelSeries:  # fmt: skip
    """Every channel's buckets in a window; `starts` are the buckets' starts, the first is the window's.

    Channels that are `named` are there whether or not anything happened on them.

    Sketches are most of what there is to read: without latency, counts come faster.
    """
    fragments = {
        "latency": "latency" if with_latency else "null::struct(bucket smallint, n bigint)[]",
        "cover": cover(window, starts, lake.held).sql("channel"),
        "measures": measures_sql(summed=False),
    }
    rows = in_buckets(lake.frame("channel_rows", fragments), starts)
    points = _points(rows)
    channels = in_order([*named, *(channel for channel, _ in points)])
    return ChannelSeries(
        {channel: tuple(points.get((channel, at)) or Point(at) for at in starts) for channel in channels},
        rows.select(*_KEYS, "latency"),
    )


def _points(rows: pl.DataFrame) -> dict[tuple[str, datetime], Point]:
    """The buckets that rows name, by channel and start."""
    summed = rows.group_by(_KEYS).agg(pl.col(*MEASURES, "latency_count", "latency_sum_ms").sum())
    return {
        (row["channel"], at): Point(
            at, MessageCounts(*(row[name] for name in MEASURES)), row["latency_count"], row["latency_sum_ms"]
        )
        for row in summed.iter_rows(named=True)
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
