"""The raw tables: one for each source table, with the columns that are read of it, and what is kept beside them.

Belongs here: creating them, once, within the caller's lake transaction. Does not: the other tables (lake/layout.py).
"""

from warehouse.lake.connection import Connection
from warehouse.lake.layout import EARLIER_EMAILS
from warehouse.source.tables import SOURCE_TABLES, SourceTable


def create_raw_tables(lake: Connection) -> None:
    """Creates every raw table of a lake that has its schemas."""
    for table in SOURCE_TABLES:
        for sql in _raw_table(table):
            lake.execute(sql)
    lake.execute(EARLIER_EMAILS)


def _raw_table(table: SourceTable) -> list[str]:
    columns = [f"{name} {column.type}" for name, column in table.columns.items()]
    create = f"create table lake.raw.{table.raw} ({', '.join(columns)})"
    if table.occurred_at is None:
        return [create]
    create = f"create table lake.raw.{table.raw} ({', '.join([*columns, 'day date'])})"
    return [create, f"alter table lake.raw.{table.raw} set partitioned by (day)"]
