"""What a lake holds, to be compared with what it held.

Belongs here: every table's rows as a few numbers. Does not: claims.
"""

from warehouse.lake.connection import Connection, open_lake
from warehouse.settings import Settings


def content(settings: Settings) -> dict[str, tuple[object, ...] | None]:
    """Every table's rows but the state's, as a number of rows and a sum over them."""
    tables = "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'lake' order by 1"
    with open_lake(settings, read_only=True) as lake:
        names = [str(row[0]) for row in lake.execute(tables).fetchall() if row[0] != "meta.state"]
        return {name: rows_sum(lake, f"lake.{name}") for name in names}


def rows_sum(lake: Connection, table: str) -> tuple[object, ...] | None:
    """A table's rows as a number of rows and a sum over them."""
    columns = {row[0] for row in lake.execute(f"describe {table}").fetchall()}
    in_order = " replace (list_sort(latency) as latency)" if "latency" in columns else ""
    return lake.execute(f"select count(*), sum(hash(t)::hugeint) from (select *{in_order} from {table}) t").fetchone()
