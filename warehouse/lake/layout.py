"""The lake's layout: its schemas, raw tables, rollup tables and the warehouse's own record of itself.

Belongs here: creating them, once, within the caller's lake transaction. Does not: rows.
"""

from warehouse.lake.connection import Connection
from warehouse.lake.sql import statements
from warehouse.source.tables import SOURCE_TABLES, SourceTable

_META = (
    "create table lake.meta.state (value varchar)",
    # grain: source table x UTC day that has left the raw table; how many rows the source had when last counted
    "create table lake.meta.old_day (raw varchar, day date, source_rows bigint)",
)


def create_layout(lake: Connection) -> None:
    """Creates every schema and table of an empty lake."""
    for schema in ("raw", "rollup", "meta"):
        lake.execute(f"create schema lake.{schema}")
    for sql in _META:
        lake.execute(sql)
    for table in SOURCE_TABLES:
        for sql in _raw_table(table):
            lake.execute(sql)
    for sql in statements("warehouse.rollups", "tables"):
        lake.execute(sql)


def _raw_table(table: SourceTable) -> list[str]:
    columns = [f"{name} {column.type}" for name, column in table.columns.items()]
    create = f"create table lake.raw.{table.raw} ({', '.join(columns)})"
    if table.occurred_at is None:
        return [create]
    create = f"create table lake.raw.{table.raw} ({', '.join([*columns, 'day date'])})"
    return [create, f"alter table lake.raw.{table.raw} set partitioned by (day)"]
