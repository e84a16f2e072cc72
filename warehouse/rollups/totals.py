"""Totals over all time: one row an organization, one row an organization and channel, so that nobody adds up years.

Belongs here: computing them from daily and lifetime rows, and writing the rows that differ. Does not: figures of a
window. Every function works within the caller's lake transaction.
"""

from dataclasses import dataclass

from warehouse.lake.connection import Connection
from warehouse.lake.sql import statement
from warehouse.rollups.families import CHANNEL_COUNTS, ORGANIZATION_SUMS, sums_or_zero


@dataclass(frozen=True)
class Total:
    """A table of totals and the columns that name a row of it."""

    name: str
    keys: tuple[str, ...]
    sums: str

    def select(self) -> str:
        """SQL that computes every row."""
        return statement("warehouse.rollups", self.name, {"sums": self.sums})


ORGANIZATION_TOTAL = Total("organization_total", ("organization_id",), sums_or_zero(ORGANIZATION_SUMS))
CHANNEL_TOTAL = Total(
    "channel_total",
    ("organization_id", "channel"),
    f"{sums_or_zero(CHANNEL_COUNTS[:-1])}, {sums_or_zero(CHANNEL_COUNTS[-1:], 'hugeint')}",
)
TOTALS = (ORGANIZATION_TOTAL, CHANNEL_TOTAL)


def refresh_total(lake: Connection, total: Total) -> None:
    """Brings a table of totals up to date; only rows that differ are written."""
    table, keys = f"lake.rollup.{total.name}", ", ".join(total.keys)
    lake.execute(f"create or replace temp table fresh_total as {total.select()}")
    lake.execute(f"create or replace temp table changed_total as from fresh_total except from {table}")
    lake.execute(
        f"delete from {table} where ({keys}) in (select ({keys}) from changed_total) "
        f"or ({keys}) not in (select ({keys}) from fresh_total)"
    )
    lake.execute(f"insert into {table} by name from changed_total")
