"""What is told of an error must not hold a password."""

import pytest

from warehouse.lake.connection import reason


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
