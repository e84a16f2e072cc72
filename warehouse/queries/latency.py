"""Callback latency as people read it: count, average, percentiles, histogram.

Belongs here: these, from sums and sketches. Does not: how a sketch is kept (warehouse/latency/sketch.py), reading.
"""

from dataclasses import dataclass

from warehouse.latency.sketch import Sketch

HISTOGRAM_BOUNDS_MS = (50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 1_800_000, 3_600_000)
"""Upper bounds of the histogram's bars in ms; the last bar has none."""


@dataclass(frozen=True)
class Latency:
    """Callback latency in ms; percentiles are within 1 %, all None where no latency is known."""

    count: int = 0
    avg_ms: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None


@dataclass(frozen=True)
class Bar:
    """How many latencies lie in (from_ms, to_ms]; a latency within 1 % of a bound may stand on its other side."""

    from_ms: int
    to_ms: int | None
    count: int


def latency_of(count: int, sum_ms: float, p50_ms: float | None, p95_ms: float | None, p99_ms: float | None) -> Latency:
    """The latency of `count` callbacks that took `sum_ms` together."""
    return Latency(count, sum_ms / count, p50_ms, p95_ms, p99_ms) if count else Latency()


def histogram(sketch: Sketch) -> list[Bar]:
    """The bars from the first to the last that is not empty; none for an empty sketch."""
    counts = sketch.histogram(HISTOGRAM_BOUNDS_MS)
    filled = [place for place, count in enumerate(counts) if count]
    if not filled:
        return []
    lower, upper = (0, *HISTOGRAM_BOUNDS_MS), (*HISTOGRAM_BOUNDS_MS, None)
    return [Bar(lower[i], upper[i], counts[i]) for i in range(filled[0], filled[-1] + 1)]
