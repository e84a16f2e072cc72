"""The operational tables, as assets that somebody else writes: where every figure comes from.

Belongs here: one external asset for each table that is read, with the columns that are read of it. Does not: reading.
"""

from collections.abc import Iterable, Sequence

import dagster as dg

from warehouse.settings import Settings
from warehouse.source.tables import DIRECTORY_READS, SOURCE_TABLES

_DIRECTORY_PURPOSE = {
    "organizations_organization": "organizations",
    "organizations_membership": "who belongs to which organization, and as what",
    "organizations_apikey": "keys by which programs call",
    "auth_user": "whether a person may still call",
}


def source_key(table: str) -> dg.AssetKey:
    """The key of an operational table's asset."""
    return dg.AssetKey(["source", table])


def source_assets(settings: Settings) -> list[dg.AssetSpec]:
    """Every operational table that is read."""
    messages = [
        _source_asset(table.name, table.purpose, table.reads, settings.source_schema) for table in SOURCE_TABLES
    ]
    people = [
        _source_asset(name, _DIRECTORY_PURPOSE[name], columns, settings.source_schema)
        for name, columns in DIRECTORY_READS.items()
    ]
    return [*messages, *people]


def _source_asset(name: str, purpose: str, reads: Sequence[str], schema: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        source_key(name),
        group_name="source",
        description=f"{purpose.capitalize()}. A table of the platform's operational database, read only.",
        metadata={
            "dagster/table_name": f"{schema}.{name}",
            "columns_read": dg.MetadataValue.md(_listed(reads)),
        },
        kinds={"postgres"},
    )


def _listed(columns: Iterable[str]) -> str:
    return "\n".join(f"- `{column}`" for column in columns)
