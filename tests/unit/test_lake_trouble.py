"""What is told of an error must not hold a password."""

import duckdb
import pytest

from warehouse.errors import LakeDamagedError, TooLittleMemoryError
from warehouse.lake.trouble import lake_trouble, reason, source_trouble


@pytest.mark.parametrize(
    "text",
    [
        'IO Error: Unable to connect to Postgres at "postgresql://corbi:s3cret@db:5432/corbi": refused',
        'Existing DuckLake at metadata catalog "postgres:postgres://corbi:s3cret@/w?host=/run/pg" does not exist',
        "Unable to connect to Postgres at \"host=db user=corbi password='s3cret word' dbname=corbi\": refused",
        "Unable to connect to Postgres at host=db password=s3cret: refused",
    ],
)
def test_no_password_is_told(text: str) -> None:
    told = reason(OSError(text))
    assert "s3cret" not in told
    assert told.partition(" ")[0] == text.removeprefix("IO Error: ").partition(" ")[0]


def test_an_error_without_a_text_is_told_by_its_kind() -> None:
    assert reason(TimeoutError()) == "TimeoutError"


FILE = "raw/contact/day=2026-11-01/ducklake-01a22085-5bd6-75e9-942f-50bb98b96d95.parquet"
TIMED_OUT = "ERROR:  canceling statement due to statement timeout"


def test_a_lake_file_that_cannot_be_read_is_told_with_its_table_and_the_command_that_mends_it() -> None:
    error = duckdb.IOException(f'IO Error: Cannot open file "/srv/lake/{FILE}": No such file or directory')
    told = str(lake_trouble(error))
    assert told.startswith(f"The file {FILE} of raw.contact can't be read (Cannot open file ")
    assert "corbi-monitoring repair" in told
    assert "/srv/lake" not in told
    assert isinstance(lake_trouble(duckdb.Error("TProtocolException: Invalid data")), LakeDamagedError)


@pytest.mark.parametrize(
    ("error", "beginning"),
    [
        (
            duckdb.IOException(f'IO Error: Could not write file "/srv/lake/{FILE}": No space left on device'),
            "The disk of the lake (CORBI_LAKE_PATH) is full",
        ),
        (
            duckdb.IOException('IO Error: Could not write file "/home/tmp/duckdb_temp_0.tmp": No space left on device'),
            "The disk of DuckDB's temporary files (tmp under CORBI_HOME) is full",
        ),
        (
            duckdb.IOException(f'IO Error: Cannot open file "/srv/lake/{FILE}": Read-only file system'),
            "The lake's files (CORBI_LAKE_PATH) can't be used",
        ),
        (
            duckdb.Error(
                f"TransactionContext Error: Failed to commit: Failed to commit DuckLake transaction: {TIMED_OUT}"
            ),
            "The warehouse's PostgreSQL (CORBI_WAREHOUSE_URL) failed",
        ),
        (
            duckdb.HTTPException('HTTP Error: Unable to connect to URL "https://lake.s3.amazonaws.com/": 403'),
            "The lake's object storage (CORBI_LAKE_PATH) refuses",
        ),
    ],
)
def test_what_failed_of_the_lake_is_named_whatever_was_read_meanwhile(error: duckdb.Error, beginning: str) -> None:
    assert str(source_trouble(error, "contacts_contact")).startswith(beginning)
    assert not isinstance(lake_trouble(error), LakeDamagedError)


def test_too_little_memory_is_told_with_its_setting() -> None:
    told = lake_trouble(duckdb.OutOfMemoryException("Out of Memory Error: could not allocate block of size 256.0 KiB"))
    assert isinstance(told, TooLittleMemoryError)
    assert "CORBI_DUCKDB_MEMORY" in str(told)


@pytest.mark.parametrize(
    "error",
    [
        duckdb.BinderException("no such column"),
        duckdb.IOException("the server is gone"),
        OSError("ducklake"),
        duckdb.Error(f"Failed to execute query: {TIMED_OUT}"),
    ],
)
def test_any_other_error_is_no_trouble_of_the_lake(error: Exception) -> None:
    assert lake_trouble(error) is None


def test_what_the_operational_database_says_is_told_with_the_table_and_what_to_do() -> None:
    told = str(source_trouble(duckdb.Error(f"Failed to execute query: {TIMED_OUT}"), "contacts_contact"))
    assert told.startswith("Reading contacts_contact of the operational database failed, nothing was changed: ERROR:")
    assert "statement_timeout = 0" in told
