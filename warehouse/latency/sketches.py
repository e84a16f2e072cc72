"""Many latency sketches at once, as a Polars frame: merging and quantiles where one by one would take too long.

Belongs here: what sketch.py does for one sketch, for a column of them. Does not: where the frame comes from.
A frame of sketches has `latency`, a list of {bucket, n}; DuckDB takes eight times as long to merge the same lists.
"""

from collections.abc import Sequence

import polars as pl

from warehouse.latency.sketch import Sketch, bucket_value

_BUCKETS = 2048
"""More than any latency's bucket number: 2**31 ms lies in bucket 1075."""

_VALUES = pl.Series([bucket_value(bucket) for bucket in range(_BUCKETS)], dtype=pl.Float64)
"""The value of each bucket, by its number."""

QUANTILES = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}


def merged_by(frame: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """One row for each of the `keys` and latency bucket: the keys, `bucket`, `n`; sorted by bucket within a key."""
    groups = frame.select(keys).unique().with_row_index("group")
    entries = (
        frame.select(*keys, "latency")
        .filter(pl.col("latency").list.len() > 0)
        .join(groups, on=keys)
        .select("group", "latency")
        .explode("latency")
        .unnest("latency")
    )
    # One whole number a group and bucket: grouping by it is three times as fast as by the keys.
    packed = (
        entries.select((pl.col("group").cast(pl.Int64) * _BUCKETS + pl.col("bucket")).alias("packed"), "n")
        .group_by("packed")
        .agg(pl.col("n").sum())
        .sort("packed")
    )
    group = packed["packed"] // _BUCKETS
    return packed.select(
        *(groups[key].gather(group) for key in keys), (pl.col("packed") % _BUCKETS).alias("bucket"), "n"
    )


def quantiles_by(entries: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """The quantiles of merged sketches (`merged_by`) in ms, a row for each of the `keys` (see sketch.Sketch)."""
    ranked = entries.with_columns(
        seen=pl.col("n").cum_sum().over(keys), last_rank=(pl.col("n").sum().over(keys) - 1).cast(pl.Float64)
    )
    buckets = ranked.group_by(keys).agg(
        pl.col("bucket").filter(pl.col("seen") > (pl.col("last_rank") * q).floor()).first().alias(name)
        for name, q in QUANTILES.items()
    )
    return buckets.with_columns(_VALUES.gather(buckets[name]).alias(name) for name in QUANTILES)


def sketch_of(frame: pl.DataFrame) -> Sketch:
    """All sketches of a frame as one."""
    entries = frame.select("latency").filter(pl.col("latency").list.len() > 0).explode("latency").unnest("latency")
    total = entries.group_by("bucket").agg(pl.col("n").sum()).sort("bucket")
    return Sketch(tuple(zip(total["bucket"].to_list(), total["n"].to_list(), strict=True)))
