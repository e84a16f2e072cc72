"""The one module that opens lake connections and takes locks on the lake.

Belongs here: attaching DuckLake and the operational database to DuckDB, extensions, the locks.
Does not: what is read or written through them.
"""

import importlib
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import psycopg
from psycopg.conninfo import make_conninfo

from warehouse.errors import (
    LakeDamagedError,
    SourceUnavailableError,
    WarehouseBusyError,
    WarehouseEmptyError,
    WarehouseUnavailableError,
)
from warehouse.lake import locks
from warehouse.lake.sql import quoted
from warehouse.lake.trouble import is_of_source, lake_trouble, reason, source_trouble
from warehouse.settings import Settings

_EXTENSIONS = ("duckdb_extension_ducklake", "duckdb_extension_postgres_scanner")
_S3_EXTENSION = "duckdb_extension_httpfs"

_OTHER_VERSION = re.compile(
    r"catalog version is (\S+), but the extension requires version (\S+)\.\s|Only DuckLake versions .* are supported"
)

Connection = duckdb.DuckDBPyConnection


def open_duckdb(settings: Settings, *places: str) -> Connection:
    """A DuckDB connection with the extensions loaded and nothing attached; it reaches the lake's files and `places`."""
    lake = duckdb.connect(
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            # To check a signature DuckDB reads each extension through, at every opening, for more CPU than a whole pass
            # takes. Ours are of wheels whose hashes are locked, and no other is loaded.
            "allow_unsigned_extensions": True,
            "memory_limit": settings.duckdb_memory,
            "threads": settings.duckdb_threads,
            "preserve_insertion_order": False,
            "temp_directory": str(settings.home / "tmp"),
        }
    )
    is_remote = any(is_bucket(place) for place in (settings.required("lake_path"), *places))
    for module in (*_EXTENSIONS, *((_S3_EXTENSION,) if is_remote else ())):
        lake.execute(f"load '{_extension_file(module)}'")
    if is_remote:
        lake.execute("create secret (type s3, provider config)")
    lake.execute("set timezone = 'UTC'")
    lake.execute("set enable_progress_bar = false")
    return lake


def is_bucket(place: str) -> bool:
    """Whether a place of files is object storage rather than a folder."""
    return place.startswith("s3://")


def open_lake(settings: Settings, *, read_only: bool = False) -> Connection:
    """A DuckDB connection with the lake attached as `lake`; who writes brings an older DuckLake's catalog up to date.

    Raises WarehouseUnavailableError when the catalog or the files can't be reached or the catalog's version can't be
    read, and WarehouseEmptyError when there is no lake yet and `read_only` forbids to make one.
    """
    lake = open_duckdb(settings)
    path = settings.required("lake_path")
    options = [f"data_path {quoted(path)}", "data_inlining_row_limit 0"]
    options.append("read_only" if read_only else "automatic_migration true")
    url = quoted("ducklake:postgres:" + settings.required("warehouse_url"))
    try:
        lake.execute(f"attach {url} as lake ({', '.join(options)})")
    except duckdb.Error as error:
        lake.close()
        if read_only and "creating a new DuckLake is explicitly disabled" in str(error):
            raise WarehouseEmptyError(
                "Nothing has been loaded yet: run `corbi-monitoring refresh`, or wait for the first pass."
            ) from None
        if other := _OTHER_VERSION.search(str(error)):
            raise WarehouseUnavailableError(_told_version(other[1], other[2])) from None
        raise WarehouseUnavailableError(
            f"The lake can't be opened (CORBI_WAREHOUSE_URL, CORBI_LAKE_PATH={path}): {reason(error)}"
        ) from None
    return lake


@contextmanager
def source_attached(lake: Connection, settings: Settings) -> Iterator[None]:
    """Attaches the operational database, read only, as `src` for the length of the block.

    Within one DuckDB transaction everything read from `src` sees one REPEATABLE READ snapshot.
    Raises SourceUnavailableError when it can't be reached, or fails in the block.
    """
    url = settings.required("source_url")
    try:
        # Whatever the database's own encoding is, what comes is UTF-8.
        url = make_conninfo(url, client_encoding="UTF8")
        lake.execute(f"attach {quoted(url)} as src (type postgres, read_only, schema '{settings.source_schema}')")
    except (duckdb.Error, psycopg.ProgrammingError) as error:
        raise SourceUnavailableError(
            f"The operational database can't be reached with CORBI_SOURCE_URL: {reason(error)} "
            "Check that it runs, and the URL's host, port, database, user and password."
        ) from None
    try:
        yield
    except duckdb.Error as error:
        if is_of_source(error):
            raise source_trouble(error) from error
        raise
    finally:
        lake.execute("detach src")


@contextmanager
def transaction(lake: Connection) -> Iterator[None]:
    """One lake transaction: all of the block, or nothing of it.

    Raises WarehouseUnavailableError where it fails over the lake: its files (LakeDamagedError), disk, catalog, or
    memory (TooLittleMemoryError).
    """
    lake.execute("begin transaction")
    try:
        yield
        lake.execute("commit")
    except BaseException as error:
        _rollback(lake)
        if trouble := lake_trouble(error):
            raise trouble from error
        raise


@contextmanager
def writer_lock(settings: Settings, *, wait_seconds: float = 600.0) -> Iterator[None]:
    """Holds the advisory lock that every writing pass needs: two writers on one lake table would conflict.

    The lock lives with its connection, so a killed process leaves none behind.
    Raises WarehouseBusyError when another pass holds it for longer than `wait_seconds`.
    """
    told = (
        f"Another pass has been writing to the lake for {wait_seconds:.0f} s. Wait for it to end (Dagster "
        "shows its run; pg_locks on the warehouse's database shows the holder), then try again."
    )
    with _lock(settings, locks.WRITER, wait_seconds, told):
        yield


@contextmanager
def files_lock(settings: Settings, *, wait_seconds: float) -> Iterator[None]:
    """Holds the advisory lock without which no file of the lake is removed; who copies them holds it, too.

    Writing goes on meanwhile. The lock lives with its connection.
    Raises WarehouseBusyError when another process holds it for longer than `wait_seconds`.
    """
    told = (
        "A backup, or the removal of files that it would copy, is under way. Wait for it to end (pg_locks on the "
        "warehouse's database shows the holder), then try again."
    )
    with _lock(settings, locks.FILES, wait_seconds, told):
        yield


def connect_warehouse(settings: Settings, *, autocommit: bool = False) -> psycopg.Connection:
    """A connection to the warehouse's own PostgreSQL.

    Raises WarehouseUnavailableError when it can't be reached.
    """
    try:
        return psycopg.connect(settings.required("warehouse_url"), autocommit=autocommit, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise WarehouseUnavailableError(
            f"The warehouse's PostgreSQL can't be reached with CORBI_WAREHOUSE_URL: {reason(error)}"
        ) from error


class LakeReaders:
    """One read-only lake a process and a cursor a thread; opened on first use, reopened when it broke.

    Each that is opened is given to `prepare` first.
    """

    def __init__(self, settings: Settings, prepare: Callable[[Connection], None]) -> None:
        self._settings = settings
        self._prepare = prepare
        self._lock = threading.Lock()
        self._lake: Connection | None = None

    @contextmanager
    def reader(self) -> Iterator[Connection]:
        """A cursor on the lake in one transaction, so that everything read in the block is of one lake snapshot."""
        with self._lock:
            if self._lake is None:
                lake = open_lake(self._settings, read_only=True)
                self._prepare(lake)
                self._lake = lake
            cursor = self._lake.cursor()
        try:
            with transaction(cursor):
                yield cursor
        except LakeDamagedError:
            raise
        except WarehouseUnavailableError:
            self._let_go()
            raise
        except (duckdb.IOException, duckdb.ConnectionException, duckdb.FatalException) as error:
            self._let_go()
            raise WarehouseUnavailableError(f"The lake can't be read: {reason(error)}") from None
        finally:
            cursor.close()

    def _let_go(self) -> None:
        with self._lock:
            self._lake = None

    def close(self) -> None:
        """Closes the lake; the next reader opens it again."""
        with self._lock:
            if self._lake is not None:
                self._lake.close()
                self._lake = None


def _told_version(found: str | None, known: str | None) -> str:
    if found and known and _numbers(found) < _numbers(known):
        return (
            f"The lake's catalog is of DuckLake {found}, this version of Corbi Monitoring needs {known}: the next pass "
            "brings it up to date (`corbi-monitoring refresh`)."
        )
    return (
        "The lake's catalog was made by a newer DuckLake than this version of Corbi Monitoring has: install the newer "
        "version of Corbi Monitoring again."
    )


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


@contextmanager
def _lock(settings: Settings, number: int, wait_seconds: float, told: str) -> Iterator[None]:
    deadline = time.monotonic() + wait_seconds
    with connect_warehouse(settings, autocommit=True) as connection:
        while not try_lock(connection, number):
            if time.monotonic() >= deadline:
                raise WarehouseBusyError(told)
            time.sleep(0.1)
        yield


def try_lock(connection: psycopg.Connection, number: int) -> bool:
    """Takes one of `locks` for as long as the connection lives, unless somebody else has it; whether it did."""
    row = connection.execute("select pg_try_advisory_lock(%s)", (number,)).fetchone()
    return bool(row and row[0])


def _extension_file(module: str) -> Path:
    folder = Path(str(importlib.import_module(module).__file__)).parent
    return next(folder.rglob(f"v{duckdb.__version__}/*.duckdb_extension"))


def _rollback(lake: Connection) -> None:
    try:
        lake.execute("rollback")
    except duckdb.Error:
        # The connection is gone or the transaction ended already; the error that brought us here says more.
        return
