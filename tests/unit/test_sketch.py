"""Latency sketches: close to the exact percentiles, additive, and bucketed alike in Python and in the rollup's SQL.

Belongs here: claims about warehouse/latency/sketch.py. Does not: how sketches are stored (tests of the rollups).
"""

import itertools
import math
import random
import re
from collections import Counter
from importlib.resources import files

import duckdb
import hypothesis
import pytest
from hypothesis import strategies as st

from warehouse.latency.sketch import GAMMA, LOG_GAMMA, RELATIVE_ERROR, Sketch, bucket_of, bucket_value, merged

LARGEST_MS = 2**31 - 1
QUANTILES = (0.0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0)
HALF = 20_000

SOURCE = random.Random(42)
DISTRIBUTIONS: dict[str, list[int]] = {
    "uniform": [SOURCE.randint(1, 60_000) for _ in range(HALF)],
    "lognormal": [max(1, round(SOURCE.lognormvariate(7, 1.2))) for _ in range(HALF)],
    "exponential": [max(1, round(SOURCE.expovariate(1 / 900))) for _ in range(HALF)],
    "bimodal": [max(1, round(SOURCE.gauss(*SOURCE.choice([(120, 15), (45_000, 4_000)])))) for _ in range(HALF)],
    "heavy tail": [min(LARGEST_MS, round(SOURCE.paretovariate(0.8))) for _ in range(HALF)],
    "constant": [1_234] * 5_000,
    "one value": [7],
    "two values": [1, LARGEST_MS],
    "three values": [3, 500, 86_400_000],
    "the smallest": [1, 1, 2],
}

latencies = st.lists(st.integers(1, LARGEST_MS), min_size=1, max_size=60)


def counts_of(values: list[int]) -> Counter[int]:
    return Counter(map(bucket_of, values))


def sketch_of(values: list[int]) -> Sketch:
    return merged([counts_of(values)])


def exact_quantile(values: list[int], q: float) -> int:
    return sorted(values)[math.floor(q * (len(values) - 1))]


def is_close(estimate: float | None, exact: float) -> bool:
    return estimate is not None and abs(estimate - exact) <= exact * (RELATIVE_ERROR + 1e-9)


def test_every_value_is_within_one_percent_of_what_stands_for_its_bucket() -> None:
    assert RELATIVE_ERROR == 0.01
    assert all(is_close(bucket_value(bucket_of(value)), value) for value in (*range(1, 20_000), LARGEST_MS))


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_percentiles_are_within_one_percent_of_exact(name: str) -> None:
    values = DISTRIBUTIONS[name]
    sketch = sketch_of(values)
    off = {q: (sketch.quantile(q), exact_quantile(values, q)) for q in QUANTILES}
    assert not {q: pair for q, pair in off.items() if not is_close(*pair)}


@hypothesis.settings(deadline=None, database=None, derandomize=True)
@hypothesis.given(latencies, st.floats(0, 1))
def test_any_quantile_of_any_values_is_within_one_percent_of_exact(values: list[int], q: float) -> None:
    assert is_close(sketch_of(values).quantile(q), exact_quantile(values, q))


def test_quantiles_never_fall_as_they_rise() -> None:
    sketch = sketch_of(DISTRIBUTIONS["lognormal"])
    quantiles = [sketch.quantile(step / 100) or 0 for step in range(101)]
    assert quantiles == sorted(quantiles)


def test_percentiles_of_merged_days_are_not_percentiles_of_percentiles() -> None:
    quiet, busy = [100] * 10, [10_000] * 990
    assert is_close(merged([counts_of(quiet), counts_of(busy)]).quantile(0.5), 10_000)


@hypothesis.settings(deadline=None, database=None, derandomize=True)
@hypothesis.given(st.lists(latencies, max_size=5))
def test_merging_sketches_is_sketching_all_values(parts: list[list[int]]) -> None:
    assert merged(map(counts_of, parts)) == sketch_of(list(itertools.chain(*parts)))


def test_merging_is_indifferent_to_order_and_grouping() -> None:
    parts = [counts_of(DISTRIBUTIONS[name]) for name in ("uniform", "bimodal", "constant")]
    pair_first = merged([dict(merged(parts[:2]).counts), parts[2]])
    assert merged(parts) == merged(reversed(parts)) == pair_first


def test_an_empty_sketch_has_no_percentile_and_counts_nothing() -> None:
    empty = merged([])
    assert empty == Sketch()
    assert empty.count == 0
    assert empty.quantile(0.5) is None
    assert empty.histogram([10, 100]) == [0, 0, 0]


@hypothesis.settings(deadline=None, database=None, derandomize=True)
@hypothesis.given(latencies, st.lists(st.integers(1, LARGEST_MS), max_size=8, unique=True).map(sorted))
def test_a_histogram_has_one_more_count_than_bounds_and_adds_up(values: list[int], bounds: list[int]) -> None:
    counts = sketch_of(values).histogram(bounds)
    assert len(counts) == len(bounds) + 1
    assert sum(counts) == len(values) == sketch_of(values).count


def test_a_histogram_is_exact_for_values_more_than_one_percent_off_the_bounds() -> None:
    values, bounds = [50, 90, 120, 900, 1_100, 20_000], [100, 1_000, 10_000]
    assert sketch_of(values).histogram(bounds) == [2, 2, 1, 1]


@pytest.mark.parametrize("latency_ms", [0, -1, -0.5])
def test_a_latency_that_is_not_positive_has_no_bucket(latency_ms: float) -> None:
    with pytest.raises(ValueError, match=f"positive.*{latency_ms} ms"):
        bucket_of(latency_ms)


@pytest.mark.parametrize("q", [-0.01, 1.01, 50, math.nan])
def test_a_quantile_outside_zero_to_one_is_refused(q: float) -> None:
    with pytest.raises(ValueError, match=f"\\[0, 1\\].*{q}"):
        sketch_of([1]).quantile(q)


def test_the_rollup_numbers_buckets_as_python_does() -> None:
    around_powers = {int(GAMMA**power) + step for power in range(bucket_of(LARGEST_MS)) for step in (-1, 0, 1, 2)}
    powers_of_two = {2**power + step for power in range(31) for step in (-1, 0, 1)}
    beyond = sorted(value for value in (*around_powers, *powers_of_two, LARGEST_MS) if 200_000 < value <= LARGEST_MS)
    with duckdb.connect(config={"threads": "1"}) as database:
        database.execute("create table latency as select range::integer as latency_ms from range(1, 200001)")
        database.execute("insert into latency select unnest(?::integer[])", [beyond])
        rows = database.execute(f"select latency_ms, {bucket_sql()} from latency").fetchall()
    assert len(rows) > 201_000
    assert [row for row in rows if row[1] != bucket_of(row[0])] == []


def bucket_sql() -> str:
    """The expression by which the rollup numbers a bucket, as it stands in channel.sql."""
    statement = (files("warehouse.rollups") / "channel.sql").read_text(encoding="utf-8")
    found = re.search(r"case when latency_ms > 0 then (.+?) end as bucket", statement)
    assert found, "channel.sql no longer says how it numbers a bucket"
    return found[1].replace("{log_gamma}", repr(LOG_GAMMA))
