"""What a process holds of the lake in memory, beside what the lake itself holds.

Belongs here: following the lake as the API does, and the comparison. Does not: claims.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from tests.integration.lake_content import rows_sum
from warehouse.lake.connection import Connection, open_lake, transaction
from warehouse.lake.connections import WarehouseConnections
from warehouse.lake.held import find_held, hold, make_room, read_content
from warehouse.settings import Settings

PLENTY = 1_000_000_000
NAMED = ("raw.campaign", "raw.email_job")


class Follower:
    """A process that holds tables of the lake, and goes from snapshot to snapshot."""

    def __init__(self, settings: Settings, lake: Connection, connections: WarehouseConnections) -> None:
        self.lake = lake
        self._connections = connections
        self._settings = settings

    def follow(self, most_bytes: int = PLENTY) -> frozenset[str]:
        """Goes over to the latest snapshot; the names of the tables that are held then."""
        with transaction(self.lake):
            hold(self.lake, read_content(self._connections, NAMED), most_bytes)
        with transaction(self.lake):
            held = find_held(self.lake)
        return held.tables if held else frozenset()

    def differing(self) -> list[str]:
        """The held tables whose rows are not those of the lake's."""
        with transaction(self.lake):
            held = find_held(self.lake)
            assert held is not None
            return [name for name in sorted(held.tables) if self._sum("held", name) != self._sum("lake", name)]

    def rows(self, table: str) -> int:
        """How many rows of a table are held."""
        row = self.lake.execute(f"select count(*) from held.{table}").fetchone()
        return int(row[0]) if row else 0

    def _sum(self, place: str, name: str) -> tuple[object, ...] | None:
        return rows_sum(self.lake, f"{place}.{name}")


@contextmanager
def follower(settings: Settings) -> Iterator[Follower]:
    """Nothing is held yet."""
    with closing(WarehouseConnections(settings)) as connections, open_lake(settings, read_only=True) as lake:
        make_room(lake)
        yield Follower(settings, lake, connections)
