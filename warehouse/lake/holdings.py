"""What the lake's catalog says without the lake being opened: files by table, damage, the age of its last snapshot.

Belongs here: small reads from the warehouse's PostgreSQL, whatever the lake's files are. Does not: looking at the files
(files.py).
"""

from dataclasses import dataclass

from warehouse.lake.connections import WarehouseConnections
from warehouse.lake.sql import statement

_REST = """
    select (select count(*) from storage.damage),
        (select extract(epoch from now() - max(snapshot_time))::float from public.ducklake_snapshot)
"""


@dataclass(frozen=True)
class Held:
    """Files of one table of the lake, and their bytes."""

    files: int
    bytes: int


@dataclass(frozen=True)
class Holdings:
    """By table, as in `raw.contact`; files known to be damaged; seconds since the lake last changed."""

    tables: dict[str, Held]
    damaged_files: int
    snapshot_age_seconds: float


def read_holdings(connections: WarehouseConnections) -> Holdings:
    """The holdings now. Raises WarehouseUnavailableError, and WarehouseEmptyError before the first pass."""
    rows = connections.rows(statement("warehouse.lake", "holdings"))
    tables = {str(table): Held(int(str(files)), int(str(size))) for table, files, size in rows}
    damaged, age = connections.rows(_REST)[0]
    return Holdings(tables, int(str(damaged)), float(str(age)))
