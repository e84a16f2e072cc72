"""What the lake's files were when they were written: their sizes and checksums, in the warehouse's PostgreSQL.

Belongs here: recording them, comparing the files with them, and copies of those few whose rows could not be computed
again. Does not: what is known to be damaged (damage.py), and mending it (repair.py).
"""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import psycopg

from warehouse.errors import WarehouseUnavailableError
from warehouse.lake.connection import Connection, connect_warehouse, is_bucket, open_lake
from warehouse.lake.damage import Damage, create_record, note_damage
from warehouse.lake.sql import statement
from warehouse.lake.trouble import reason
from warehouse.settings import Settings

_LIVE = statement("warehouse.lake", "live_files")
_UNKNOWN = f"select path, table_name, bytes from ({_LIVE}) live where path not in (select path from storage.file)"
_GONE = f"delete from storage.file where path not in (select path from ({_LIVE}) live)"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LakeFile:
    """A file of the lake by its path below the lake's; `table` as in `raw.contact`."""

    path: str
    table: str
    data_file_id: int
    bytes: int


def record_files(lake: Connection, settings: Settings) -> int:
    """Records what is not recorded yet of the lake's present files, forgets those it has no more; returns how many.

    Whoever was killed before this leaves files without a record, which the next who writes finds here.
    """
    with connect_warehouse(settings) as warehouse:
        create_record(warehouse)
        written = warehouse.execute(_UNKNOWN.encode()).fetchall()
        recorded = _record(warehouse, lake, settings, written) if written else 0
        warehouse.execute(_GONE.encode())
    return recorded


def find_damage(lake: Connection, settings: Settings, *, deep: bool) -> list[Damage]:
    """The present files that are not there or have another size; with `deep`, also another checksum than when written.

    Raises WarehouseUnavailableError when the files can't be read, or none of them is there: a disk that is not
    mounted is no damage.
    """
    with connect_warehouse(settings, autocommit=True) as warehouse:
        live, known = _live(warehouse), _checksums(warehouse) if deep else {}
        try:
            found = _compare(lake, settings, live, known)
        except duckdb.Error as error:
            raise WarehouseUnavailableError(
                f"The lake's files can't be read (CORBI_LAKE_PATH={settings.lake_path}): {reason(error)}"
            ) from None
        if not found:
            return []
        # A long look may outlive a file that a pass has replaced meanwhile.
        still = _live(warehouse)
        days = _days(warehouse, {live[path].data_file_id for path in found})
    return [
        Damage(file.path, file.table, file.data_file_id, first, last, what)
        for file, what in ((live[path], what) for path, what in sorted(found.items()) if path in still)
        for first, last in (days.get(file.data_file_id, (None, None)),)
    ]


def look_for_damage(settings: Settings) -> list[Damage]:
    """Compares every present file with its checksum, and notes what is found for alerts.

    Needs no lock. Raises WarehouseEmptyError, WarehouseUnavailableError.
    """
    with open_lake(settings, read_only=True) as lake:
        found = find_damage(lake, settings, deep=True)
    note_damage(settings, found)
    return found


def restore_copy(lake: Connection, settings: Settings, path: str) -> bool:
    """Writes a file anew from its copy; returns whether there is one."""
    with connect_warehouse(settings, autocommit=True) as warehouse:
        row = warehouse.execute("select content from storage.file where path = %s", (path,)).fetchone()
    if not row or row[0] is None:
        return False
    whole = full_path(settings, path)
    if not is_bucket(whole):
        Path(whole).parent.mkdir(parents=True, exist_ok=True)
    lake.execute(f"copy (select ?::blob as content) to '{whole}' (format blob)", [row[0]])
    return True


def full_path(settings: Settings, path: str) -> str:
    """Where a file of the lake is."""
    return f"{settings.required('lake_path').rstrip('/')}/{path}"


def _record(
    warehouse: psycopg.Connection, lake: Connection, settings: Settings, written: Collection[tuple[str, str, int]]
) -> int:
    kept = [full_path(settings, path) for path, table, _ in written if not _can_be_computed(table)]
    try:
        rows = lake.execute(
            "select filename, size, md5(content), case when list_contains(?, filename) then content end "
            "from read_blob(?)",
            [kept, [full_path(settings, path) for path, _, _ in written]],
        ).fetchall()
    except duckdb.Error as error:
        logger.warning("Checksums of new lake files are left to the next pass: %s", reason(error))
        return 0
    read = {name: row for name, *row in rows}
    # A file that is not what was written is left out: `find_damage` tells it by its size.
    whole = [
        (path, *read[name])
        for path, _, size in written
        if (name := full_path(settings, path)) in read and read[name][0] == size
    ]
    warehouse.execute(
        "insert into storage.file select * from unnest(%s::text[], %s::bigint[], %s::text[], %s::bytea[])",
        [list(column) for column in zip(*whole, strict=True)] or [[], [], [], []],
    )
    return len(whole)


def _can_be_computed(table: str) -> bool:
    return not (table.startswith("meta.") or table.endswith("_lifetime"))


def _live(warehouse: psycopg.Connection) -> dict[str, LakeFile]:
    rows = warehouse.execute(_LIVE.encode()).fetchall()
    return {row[0]: LakeFile(*row) for row in rows}


def _checksums(warehouse: psycopg.Connection) -> dict[str, str]:
    try:
        return dict(warehouse.execute("select path, md5 from storage.file").fetchall())
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        return {}


def _compare(
    lake: Connection, settings: Settings, live: Mapping[str, LakeFile], known: Mapping[str, str]
) -> dict[str, str]:
    """What is wrong with which of the files."""
    everything = f"{settings.required('lake_path').rstrip('/')}/**/*.parquet"
    sizes = dict(lake.execute("select filename, size from read_blob(?)", [everything]).fetchall())
    names = {path: full_path(settings, path) for path in live}
    if live and not sizes.keys() & set(names.values()):
        raise WarehouseUnavailableError(
            f"None of the lake's {len(live):,} files is in CORBI_LAKE_PATH={settings.lake_path}: check that the folder "
            "is the right one and its disk is mounted, or that the bucket is there."
        )
    wrong = {
        path: f"has {sizes[name]:,} bytes instead of {live[path].bytes:,}" if name in sizes else "is missing"
        for path, name in names.items()
        if sizes.get(name) != live[path].bytes
    }
    looked = {names[path]: path for path in known.keys() & live.keys() - wrong.keys()}
    if looked:
        sums = lake.execute("select filename, md5(content) from read_blob(?)", [list(looked)]).fetchall()
        wrong |= {
            looked[name]: "has another content than was written" for name, md5 in sums if md5 != known[looked[name]]
        }
    return wrong


def _days(warehouse: psycopg.Connection, data_files: Collection[int]) -> dict[int, tuple[date, date]]:
    rows = warehouse.execute(statement("warehouse.lake", "file_days").encode(), (list(data_files),)).fetchall()
    return {row[0]: (row[1], row[2]) for row in rows}
