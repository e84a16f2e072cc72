"""What DuckDB's errors mean for an operator: which part failed, over what, and what to do.

Belongs here: telling the lake's files, disk, catalog and memory and the operational database apart by an error's text.
Does not: raising anything (connection.py, source/), errors of Python's own (cli/main.py).
"""

import re

import duckdb
import psycopg

from warehouse.errors import (
    CorbiError,
    LakeDamagedError,
    SourceUnavailableError,
    TooLittleMemoryError,
    WarehouseUnavailableError,
)

_CONNECTION = re.compile(r"postgres(ql)?://[^\s\"]+|\bpassword\s*=\s*('(\\.|[^'])*'|\S+)")

_LAKE_FILE = re.compile(r"(raw|rollup|meta)/(\w+)/([^/\s]+/)*ducklake-[\w-]+\.parquet")
_KIND = re.compile(r"^[A-Z][A-Za-z ]* Error: ")
_PATH = re.compile(r"[^\s\"']+/(?=ducklake-)")

_POSTGRES_SAYS = re.compile(r"(ERROR|FATAL):\s.*$")
_POSTGRES_IS_GONE = ("server closed the connection", "connection to server", "could not receive data")
_CATALOG = re.compile(r"DuckLake|ducklake_")

_FULL = ("No space left on device", "Disk quota exceeded", "max_temp_directory_size")
_CLOSED = ("Read-only file system", "Permission denied", "Operation not permitted")

_GOES_ON = "Nothing is half written; the next pass goes on."

_ADVICE = (
    ("statement timeout", "Let the role read for longer: alter role … set statement_timeout = 0;"),
    ("idle-in-transaction", "Let the role wait: alter role … set idle_in_transaction_session_timeout = 0;"),
    ("idle-session", "Let the role wait: alter role … set idle_session_timeout = 0;"),
    ("No space left on device", "Free space on that server's disk."),
    ("permission denied", "`corbi-monitoring doctor` names each right that is missing."),
    ("row-level security", "Let the role see every row: alter role … bypassrls;"),
    ("has no equivalent in encoding", "A text there can't be converted to UTF-8: mend the row that the message names."),
    ("invalid byte sequence", "A text there is not in the database's own encoding: mend it."),
    ("Invalid unicode", "A text there is not in the database's own encoding: mend it."),
    (
        "canceling statement due to conflict",
        "The replica gave way to its primary: set hot_standby_feedback = on.",
    ),
)
"""What to do about what PostgreSQL says."""


def reason(error: BaseException) -> str:
    """The line of an error's text that names the cause, without the connection URLs and statements beside it.

    DuckDB writes URLs, which hold passwords, and the statement it was about to run before what PostgreSQL said of it.
    """
    text = str(error).strip()
    lines = [line for line in text.splitlines() if line.strip()] or [type(error).__name__]
    told = next((line for line in lines if "ERROR:" in line or "FATAL:" in line), lines[0])
    cause = _POSTGRES_SAYS.search(told)
    return _CONNECTION.sub("…", cause[0] if cause else _KIND.sub("", told))


def lake_trouble(error: BaseException) -> WarehouseUnavailableError | None:
    """The error to raise for one over memory, a disk, the lake's files or the warehouse's PostgreSQL.

    None for any other: what the operational database said through DuckDB, and mistakes of ours.
    """
    if isinstance(error, psycopg.OperationalError):
        return _catalog_trouble(error)
    if not isinstance(error, duckdb.Error):
        return None
    if _is_of_postgres(error):
        return _catalog_trouble(error) if _CATALOG.search(str(error)) else None
    told = _PATH.sub("", reason(error))
    return _space_trouble(error, told) or _file_trouble(error, told)


def source_trouble(error: duckdb.Error, table: str = "") -> CorbiError:
    """The error to raise where reading the operational database failed, unless the lake is what failed."""
    what = f"Reading {table} of the operational database" if table else "Reading the operational database"
    return lake_trouble(error) or SourceUnavailableError(
        _sentences(
            f"{what} failed, nothing was changed: {reason(error)}",
            _advice(error),
            "The next pass goes on from the last watermark.",
        )
    )


def is_of_source(error: duckdb.Error) -> bool:
    """Whether the operational database said it, where it is attached."""
    return _is_of_postgres(error) and lake_trouble(error) is None


def _catalog_trouble(error: BaseException) -> WarehouseUnavailableError:
    what = f"The warehouse's PostgreSQL (CORBI_WAREHOUSE_URL) failed: {reason(error)}"
    return WarehouseUnavailableError(_sentences(what, _advice(error), _GOES_ON))


def _space_trouble(error: duckdb.Error, told: str) -> WarehouseUnavailableError | None:
    if any(words in str(error) for words in _FULL):
        is_lake = _LAKE_FILE.search(str(error))
        disk = "the lake (CORBI_LAKE_PATH)" if is_lake else "DuckDB's temporary files (tmp under CORBI_HOME)"
        return WarehouseUnavailableError(f"The disk of {disk} is full: {told}. Free some space. {_GOES_ON}")
    if isinstance(error, duckdb.OutOfMemoryException):
        return TooLittleMemoryError(
            f"DuckDB needs more memory than CORBI_DUCKDB_MEMORY allows: {told}. Raise it, or lower "
            f"CORBI_DUCKDB_THREADS. {_GOES_ON}"
        )
    return None


def _file_trouble(error: duckdb.Error, told: str) -> WarehouseUnavailableError | None:
    text, file = str(error), _LAKE_FILE.search(str(error))
    if any(words in text for words in _CLOSED):
        return WarehouseUnavailableError(
            f"The lake's files (CORBI_LAKE_PATH) can't be used: {told}. Whoever runs this must read and write them."
        )
    if isinstance(error, duckdb.HTTPException) or "s3://" in text:
        return WarehouseUnavailableError(
            f"The lake's object storage (CORBI_LAKE_PATH) refuses: {told}. Check bucket, region and credentials."
        )
    # What the Parquet reader says of a broken page or footer names no file, and is no kind of error of its own.
    if file or type(error) is duckdb.Error:
        which = f"The file {file[0]} of {file[1]}.{file[2]}" if file else "A file of the lake"
        return LakeDamagedError(
            f"{which} can't be read ({told}): `corbi-monitoring doctor --deep` says whether it is damaged, "
            "`corbi-monitoring repair` mends it."
        )
    return None


def _is_of_postgres(error: duckdb.Error) -> bool:
    text = str(error)
    return _POSTGRES_SAYS.search(reason(error)) is not None or any(words in text for words in _POSTGRES_IS_GONE)


def _advice(error: BaseException) -> str:
    return next((advice for words, advice in _ADVICE if words in str(error)), "")


def _sentences(*parts: str) -> str:
    return " ".join(part if part.endswith((".", ";", ":")) else f"{part}." for part in parts if part)
