"""What is told of an error must not hold a password."""

import duckdb
import pytest

from warehouse.lake.connection import reason, unreadable


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
    assert told.partition(" ")[0] == text.partition(" ")[0]


def test_an_error_without_a_text_is_told_by_its_kind() -> None:
    assert reason(TimeoutError()) == "TimeoutError"


def test_a_lake_file_that_cannot_be_read_is_told_with_its_table_and_the_command_that_mends_it() -> None:
    file = "raw/contact/day=2026-11-01/ducklake-01a22085-5bd6-75e9-942f-50bb98b96d95.parquet"
    told = unreadable(duckdb.IOException(f'IO Error: Cannot open file "/srv/lake/{file}": No such file or directory'))
    assert told is not None
    assert told.startswith(f"The file {file} of raw.contact can't be read (Cannot open file ")
    assert "corbi-monitoring repair" in told
    assert "/srv/lake" not in told
    assert unreadable(duckdb.Error("TProtocolException: Invalid data")) is not None


@pytest.mark.parametrize(
    "error", [duckdb.BinderException("no such column"), duckdb.IOException("the server is gone"), OSError("ducklake")]
)
def test_any_other_error_is_not_taken_for_damage(error: Exception) -> None:
    assert unreadable(error) is None
