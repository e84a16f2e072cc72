"""Which values of a source row can be used, as DuckDB expressions: the one place where bounds are checked.

Belongs here: the bounds, and the sentence that says what is wrong with a value. Does not: what becomes of such a row
(set_aside.py). Nothing behind the reading of a row needs to check again.

Times outside the bounds are slips of whoever wrote them (milliseconds taken for seconds, `infinity`, a date without a
century); days are partitions of the lake, hours are counted one by one, so one such row would stop everybody.
"""

from datetime import UTC, datetime, timedelta

from warehouse.lake.connection import Connection

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""No platform of this kind has older rows."""

LATEST_AHEAD = timedelta(days=2)
"""How far a time may lie ahead of the snapshot: clocks differ, and zones are mistaken for UTC."""

_EARLIEST_SQL = f"timestamptz '{EARLIEST:%Y-%m-%d %H:%M:%S}+00'"


def set_latest(lake: Connection, as_of: datetime) -> None:
    """Fixes the latest usable time of this pass, which the expressions refer to."""
    lake.execute("set variable latest_time = ?::timestamptz", [as_of + LATEST_AHEAD])


def unusable_time(name: str) -> str:
    """SQL: what is wrong with a source column that is a time, NULL where nothing is."""
    column = f'"{name}"'
    wrong = f"{column} < {_EARLIEST_SQL} or {column} > getvariable('latest_time')"
    return f"case when {wrong} then '{name} is ' || {column}::varchar end"


def unusable_number(name: str, type_: str) -> str:
    """SQL: what is wrong with a source column that is a number of a DuckDB type, NULL where nothing is."""
    column = f'"{name}"'
    wrong = f"{column} is not null and try_cast({column} as {type_}) is null"
    return f"case when {wrong} then '{name} is ' || {column}::varchar || ', no {type_}' end"


def missing(name: str) -> str:
    """SQL: says that a source column that must have a value has none, NULL where it has."""
    return f"case when \"{name}\" is null then '{name} is empty' end"
