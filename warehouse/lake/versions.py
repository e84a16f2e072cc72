"""Which version of the data is the latest: what a cached answer and an ETag are keyed by.

Belongs here: one small read. Does not: caching (api/serving/cache.py).
"""

from dataclasses import dataclass

from warehouse.lake.connections import WarehouseConnections
from warehouse.lake.sql import statement


@dataclass(frozen=True)
class Version:
    """The lake's latest snapshot, and how often an organization's alerts have changed."""

    snapshot: int
    alerts: int


def latest_version(connections: WarehouseConnections, organization_id: int) -> Version:
    """The latest version of what an organization's answers are made of.

    Raises WarehouseUnavailableError, and WarehouseEmptyError before the first pass.
    """
    rows = connections.rows(statement("warehouse.lake", "latest_version"), (organization_id,))
    return Version(*(int(str(value)) for value in rows[0]))


def latest_snapshot(connections: WarehouseConnections) -> int:
    """The number of the lake's latest snapshot. Raises as `latest_version` does."""
    rows = connections.rows("select max(snapshot_id) from public.ducklake_snapshot")
    return int(str(rows[0][0]))
