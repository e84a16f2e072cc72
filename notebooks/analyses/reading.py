"""Asking the lake: one connection, read only, and frames as answers.

Belongs here: running a file of this folder, and what Polars is for after it. Does not: SQL, pictures.
"""

from datetime import datetime, timedelta
from typing import Any

import polars as pl

from notebooks.look.numbers import duration
from warehouse.lake.connection import Connection, open_lake
from warehouse.lake.sql import statement
from warehouse.latency.sketch import merged
from warehouse.rollups.families import CAMPAIGN
from warehouse.settings import load_settings

WEEK = timedelta(days=7)


class Lake:
    """The lake of this environment's settings, for one organization's questions."""

    def __init__(self, organization: int) -> None:
        self._connection: Connection = open_lake(load_settings(), read_only=True)
        self._organization = organization

    def ask(self, analysis: str, **values: Any) -> pl.DataFrame:
        """A file of this folder as a frame. Raises what DuckDB says of it."""
        values |= {"organization": self._organization}
        text = statement("notebooks.analyses", analysis, {"recipients": CAMPAIGN.recipient_rows("true")})
        used = {name: value for name, value in values.items() if f"${name}" in text}
        return _frame(self._connection.execute(text, used))

    def sql(self, text: str) -> pl.DataFrame:
        """Any SQL, as a frame; `lake.rollup` and `lake.raw` hold the tables. Writing is refused by the lake."""
        return _frame(self._connection.execute(text))

    @property
    def as_of(self) -> datetime:
        """The end of the last hour that figures reach."""
        row = self._connection.execute(
            "select max(bucket_at) + interval 1 hour from lake.rollup.channel_hour"
        ).fetchone()
        assert row is not None  # noqa: S101 - an aggregate has a row
        return row[0] or datetime(2000, 1, 1)  # noqa: DTZ001 - the lake's times are UTC without saying so


def _frame(answered: Connection) -> pl.DataFrame:
    """Rows as a frame. DuckDB's own way to Polars would need pyarrow, for answers of a few hundred rows."""
    names = [column[0] for column in answered.description or ()]
    return pl.DataFrame(answered.fetchall(), schema=names, orient="row", infer_schema_length=None)


def compared(frame: pl.DataFrame) -> pl.DataFrame:
    """Two windows beside one another: what rose most comes first; with rates where the volume is known."""
    frame = frame.with_columns(pl.col("failed", "failed_before").fill_null(0))
    found = frame.with_columns((pl.col("failed") - pl.col("failed_before")).alias("more"))
    if "outbound" in frame.columns:
        found = found.with_columns(
            (100 * pl.col("failed") / pl.col("outbound")).round(2).alias("rate_percent"),
            (100 * pl.col("failed_before") / pl.col("outbound_before")).round(2).alias("rate_before_percent"),
        )
    return found.sort("more", descending=True)


def latency_cells(frame: pl.DataFrame, quantile: float) -> list[dict[str, Any]]:
    """A percentile of each hour of the week, out of the merged sketches."""
    cells = []
    for (weekday, hour), found in frame.group_by("weekday", "hour", maintain_order=True):
        sketch = merged([dict(zip(found["bucket"], found["n"], strict=True))])
        ms = sketch.quantile(quantile)
        cells.append({"weekday": weekday, "hour": hour, "ms": ms, "shown": duration(ms), "callbacks": sketch.count})
    return cells
