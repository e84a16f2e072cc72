"""Where facts are read from: the lake, or a stretch of it held in memory for many reads.

Belongs here: holding that stretch. Does not: the statements (read.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from warehouse.facts.span import USUAL
from warehouse.lake.connection import Connection
from warehouse.lake.sql import statement

_DATED = ("rollup.channel_5m", "rollup.organization_5m", "raw.monitoring_alert")
_USUAL = ("rollup.channel_hour", "rollup.organization_hour")
_WHOLE = ("raw.integration",)
_LONGEST_WINDOW = timedelta(days=8)
"""More than any rule looks back: thresholds allow 7 days."""


@dataclass(frozen=True)
class FactLake:
    """A connection, and the database on it that has the tables."""

    connection: Connection
    database: str = "lake"

    def rows(self, name: str, values: dict[str, object], **fragments: str) -> list[Any]:
        """The rows of `warehouse/facts/<name>.sql`."""
        ours = {"spans": statement("warehouse.facts", "spans"), "usual_days": str(USUAL.days)}
        text = statement("warehouse.facts", name, {"lake": f"{self.database}.", **ours, **fragments})
        return self.connection.execute(text, values).fetchall()


@contextmanager
def held(lake: Connection, start: datetime, end: datetime, organization_id: int | None = None) -> Iterator[FactLake]:
    """What facts of the moments from `start` to `end` are made of, copied into the connection's memory for the block.

    A read of the lake costs tens of milliseconds before its first row, however few there are; history is read
    hundreds of times. DuckDB spills what does not fit its memory.
    """
    lake.execute("attach ':memory:' as held")
    try:
        for schema in ("rollup", "raw"):
            lake.execute(f"create schema held.{schema}")
        for table in (*_DATED, *_USUAL, *_WHOLE):
            lake.execute(f"create table held.{table} as from lake.{table} where {_needed(table, start, end)}")
            if organization_id is not None:
                lake.execute(f"delete from held.{table} where organization_id <> ?", [organization_id])
        yield FactLake(lake, "held")
    finally:
        lake.execute("detach held")


def _needed(table: str, start: datetime, end: datetime) -> str:
    if table in _WHOLE:
        return "true"
    since = start - _LONGEST_WINDOW - (USUAL if table in _USUAL else timedelta())
    return f"day between date '{since.date()}' and date '{end.date()}'"
