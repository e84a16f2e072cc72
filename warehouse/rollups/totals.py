"""Totals over all time: one row an organization, one row an organization and channel, so that nobody adds up years.

Belongs here: computing them from daily and lifetime rows, and writing the rows that differ. Does not: figures of a
window. Every function works within the caller's lake transaction.
"""

from warehouse.lake import Connection
from warehouse.rollups.families import CHANNEL_COUNTS, ORGANIZATION_SUMS, sums_or_zero
from warehouse.sql import statement


def total_organizations(lake: Connection) -> None:
    """Brings `organization_total` up to date with contacts, campaigns, e-mail jobs and the organization rollups."""
    _write(lake, "organization_total", "organization_id", sums_or_zero(ORGANIZATION_SUMS))


def total_channels(lake: Connection) -> None:
    """Brings `channel_total` up to date with the channel rollups."""
    *counts, latency_sum = CHANNEL_COUNTS
    sums = f"{sums_or_zero(counts)}, {sums_or_zero([latency_sum], 'hugeint')}"
    _write(lake, "channel_total", "organization_id, channel", sums)


def _write(lake: Connection, name: str, keys: str, sums: str) -> None:
    table = f"lake.rollup.{name}"
    select = statement("warehouse.rollups", name, {"sums": sums})
    lake.execute(f"create or replace temp table fresh_total as {select}")
    lake.execute(f"create or replace temp table changed_total as from fresh_total except from {table}")
    lake.execute(
        f"delete from {table} where ({keys}) in (select ({keys}) from changed_total) "
        f"or ({keys}) not in (select ({keys}) from fresh_total)"
    )
    lake.execute(f"insert into {table} by name from changed_total")
