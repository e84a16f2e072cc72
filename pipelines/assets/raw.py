"""The raw tables: what is kept of the operational tables, masked and partitioned by day.

Belongs here: one spec for each raw table, and one for the directory of members and keys. Does not: how rows get there
(warehouse/source/), what a person may recompute at once (backfill.py).
"""

from datetime import date

import dagster as dg

from pipelines.assets.source import source_key
from pipelines.partitions import raw_window
from warehouse.settings import Settings
from warehouse.source.tables import DIRECTORY_READS, SOURCE_TABLES, SourceTable

DIRECTORY_KEY = dg.AssetKey(["raw", "directory"])


def raw_key(table: str) -> dg.AssetKey:
    """The key of a raw table's asset."""
    return dg.AssetKey(["raw", table])


def raw_specs(settings: Settings, today: date) -> list[dg.AssetSpec]:
    """Every raw table; dated ones have a partition for each day that their rows are kept."""
    return [*(_raw_spec(table, settings, today) for table in SOURCE_TABLES), _directory_spec()]


def _raw_spec(table: SourceTable, settings: Settings, today: date) -> dg.AssetSpec:
    kept = "Kept whole." if table.occurred_at is None else f"By the UTC day of `{table.occurred_at}`."
    return dg.AssetSpec(
        raw_key(table.raw),
        deps=[source_key(table.name)],
        group_name="raw",
        description=f"{table.purpose.capitalize()}, without contents, names or addresses. {kept}",
        metadata={
            "dagster/table_name": f"lake.raw.{table.raw}",
            "dagster/column_schema": dg.TableSchema(
                [dg.TableColumn(name, column.type) for name, column in table.columns.items()]
            ),
        },
        kinds={"duckdb", "parquet"},
        partitions_def=raw_window(settings, today, table.linger_days) if table.occurred_at else None,
    )


def _directory_spec() -> dg.AssetSpec:
    return dg.AssetSpec(
        DIRECTORY_KEY,
        deps=[source_key(table) for table in DIRECTORY_READS],
        group_name="raw",
        description="Who belongs to which organization, and by which keys they may call: what the API asks. "
        "Kept in the warehouse's own PostgreSQL.",
        metadata={"dagster/table_name": "directory"},
        kinds={"postgres"},
    )
