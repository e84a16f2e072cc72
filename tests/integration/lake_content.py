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
        return {name: lake.execute(_SUM.format(table=name, sorted=_sorted(lake, name))).fetchone() for name in names}


_SUM = "select count(*), sum(hash(t)::hugeint) from (select *{sorted} from lake.{table}) t"


def _sorted(lake: Connection, name: str) -> str:
    columns = {row[0] for row in lake.execute(f"describe lake.{name}").fetchall()}
    return " replace (list_sort(latency) as latency)" if "latency" in columns else ""
