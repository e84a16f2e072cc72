"""What is known to be damaged: files of the lake that are missing or not what was written.

Belongs here: the record of it in the warehouse's PostgreSQL. Does not: finding it (files.py), mending it (repair.py).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

import psycopg

from warehouse.lake.connection import connect_warehouse
from warehouse.lake.sql import statement, statements
from warehouse.settings import Settings

MEND = "run `corbi-monitoring repair`"


@dataclass(frozen=True)
class Damage:
    """A damaged file and what is wrong with it; the first and last UTC day of its rows, where these have days.

    `is_forgotten` is one that the lake no longer counts on while what it held is not there again.
    """

    path: str
    table: str
    data_file_id: int
    first_day: date | None
    last_day: date | None
    what: str
    is_forgotten: bool = False

    def __str__(self) -> str:
        return f"{self.path} {self.what}"


def create_record(warehouse: psycopg.Connection) -> None:
    """Creates the tables of files and of damage, unless they are there."""
    for sql in statements("warehouse.lake", "files"):
        warehouse.execute(sql.encode())


def told(damages: Iterable[Damage]) -> str:
    """Damage in words: how many files, and the first of them."""
    first, *others = damages
    return f"{first}{f' and {len(others):,} more files' if others else ''}"


def note_damage(settings: Settings, found: Iterable[Damage]) -> None:
    """Replaces what was known to be damaged; what a repair has begun with stays."""
    with connect_warehouse(settings) as warehouse:
        create_record(warehouse)
        warehouse.execute("delete from storage.damage where not is_forgotten")
        for damage in found:
            warehouse.execute(
                "insert into storage.damage (path, table_name, data_file_id, first_day, last_day, what) "
                "values (%s, %s, %s, %s, %s, %s) on conflict do nothing",
                (damage.path, damage.table, damage.data_file_id, damage.first_day, damage.last_day, damage.what),
            )


def noted_damage(settings: Settings) -> list[Damage]:
    """What is known to be damaged; nothing where nobody has looked yet. Raises WarehouseUnavailableError."""
    with connect_warehouse(settings, autocommit=True) as warehouse:
        try:
            rows = warehouse.execute(
                "select path, table_name, data_file_id, first_day, last_day, what, is_forgotten "
                "from storage.damage order by path"
            ).fetchall()
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            return []
    return [Damage(*row) for row in rows]


def forget_damaged(settings: Settings, damaged: Collection[Damage]) -> None:
    """Makes the lake no longer count on the data files of some damage; they stay noted until it is settled.

    DuckLake can delete no row of a file that can't be read, so its catalog is told directly. The caller holds the
    writers' lock.
    """
    paths = [damage.path for damage in damaged if not damage.is_forgotten]
    if not paths:
        return
    files = [damage.data_file_id for damage in damaged if not damage.is_forgotten]
    with connect_warehouse(settings) as warehouse:
        warehouse.execute(statement("warehouse.lake", "forget_files").encode(), {"files": files})
        warehouse.execute("update storage.damage set is_forgotten = true where path = any(%s)", (paths,))


def settle_damage(settings: Settings) -> None:
    """Nothing is damaged any more."""
    with connect_warehouse(settings, autocommit=True) as warehouse:
        create_record(warehouse)
        warehouse.execute("delete from storage.damage")
