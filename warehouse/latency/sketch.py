"""Latency sketches: DDSketch, mergeable quantiles with a relative error of at most 1 %.

Source: Masson, Rim, Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees",
VLDB 2019. Bucket i holds the values in (gamma^(i-1), gamma^i]; merging two sketches is adding their counts.
Belongs here: the bucket's number, its value, quantiles and the histogram. Does not: where sketches are kept (rollups/).
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

RELATIVE_ERROR = 0.01
GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
LOG_GAMMA = math.log(GAMMA)


@dataclass(frozen=True)
class Sketch:
    """Counts by bucket number, sorted by bucket. Values are latencies in ms, at least 1."""

    counts: tuple[tuple[int, int], ...] = ()

    @cached_property
    def count(self) -> int:
        """How many values it holds."""
        return sum(n for _, n in self.counts)

    def quantile(self, q: float) -> float | None:
        """The value at rank floor(q·(count-1)) in ms, within 1 %; None when empty.

        Raises ValueError when q is not in [0, 1].
        """
        if not 0 <= q <= 1:
            raise ValueError(f"A quantile lies in [0, 1]; given: {q}")
        rank, seen = math.floor(q * (self.count - 1)), 0
        for bucket, n in self.counts:
            seen += n
            if seen > rank:
                return bucket_value(bucket)
        return None

    def histogram(self, bounds_ms: Sequence[float]) -> list[int]:
        """Counts of values up to each bound (ms, ascending) and above the last: len(bounds_ms) + 1 numbers."""
        counts = [0] * (len(bounds_ms) + 1)
        for bucket, n in self.counts:
            counts[bisect_left(bounds_ms, bucket_value(bucket))] += n
        return counts


def bucket_of(latency_ms: float) -> int:
    """The number of the bucket that holds a latency in ms.

    Raises ValueError for a latency that is not positive: 0 means unknown and is not a value.
    """
    if latency_ms <= 0:
        raise ValueError(f"Only positive latencies have a bucket; given: {latency_ms} ms")
    return math.ceil(math.log(latency_ms) / LOG_GAMMA)


def bucket_value(bucket: int) -> float:
    """The value in ms that stands for a bucket: at most 1 % from every value in it (section 2.1 of the paper)."""
    return 2 * GAMMA**bucket / (GAMMA + 1)


def merged(sketches: Iterable[Mapping[int, int]]) -> Sketch:
    """One sketch of several, each as counts by bucket number."""
    total: dict[int, int] = {}
    for sketch in sketches:
        for bucket, n in sketch.items():
            total[bucket] = total.get(bucket, 0) + n
    return Sketch(tuple(sorted(total.items())))
