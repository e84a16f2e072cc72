"""Many sketches in a frame give what each would give by itself."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from warehouse.latency.sketch import Sketch, merged
from warehouse.latency.sketches import QUANTILES, merged_by, quantiles_by, sketch_of

SCHEMA = {"at_us": pl.Int64, "channel": pl.String, "latency": pl.List(pl.Struct({"bucket": pl.Int16, "n": pl.Int64}))}
KEYS = ("at_us", "channel")

sketches = st.dictionaries(st.integers(0, 1100), st.integers(1, 10**6), max_size=20)
rows = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["email", "telegram"]), st.none() | sketches), min_size=0, max_size=12
)


def frame_of(found: list[tuple[int, str, dict[int, int] | None]]) -> pl.DataFrame:
    listed = [
        (at, channel, None if sketch is None else [{"bucket": bucket, "n": n} for bucket, n in sketch.items()])
        for at, channel, sketch in found
    ]
    return pl.DataFrame(listed, schema=SCHEMA, orient="row")


@given(rows)
def test_merging_in_a_frame_is_merging_one_by_one(found: list[tuple[int, str, dict[int, int] | None]]) -> None:
    entries = merged_by(frame_of(found), KEYS)
    quantiles = {tuple(row[:2]): row[2:] for row in quantiles_by(entries, KEYS).select(*KEYS, *QUANTILES).iter_rows()}
    for key in {(at, channel) for at, channel, _ in found}:
        expected = merged([sketch for at, channel, sketch in found if (at, channel) == key and sketch])
        of_key = entries.filter(at_us=key[0], channel=key[1])
        assert Sketch(tuple(of_key.select("bucket", "n").iter_rows())) == expected
        if expected.count:
            assert list(quantiles[key]) == [expected.quantile(q) for q in QUANTILES.values()]
        else:
            assert key not in quantiles
    assert sketch_of(frame_of(found)) == merged([sketch for *_, sketch in found if sketch])
