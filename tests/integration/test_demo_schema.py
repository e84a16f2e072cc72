"""The stand-in database has Corbi's tables, column by column."""

import csv
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from demo.schema import create_schema, table_names

DOCUMENTED = Path(__file__).with_name("corbi_schema.csv")

COLUMNS = """
    select c.relname, a.attnum::text, a.attname, format_type(a.atttypid, a.atttypmod),
        case when a.attnotnull then 'f' else 't' end,
        case
            when exists (select from pg_constraint k
                where k.conrelid = c.oid and k.contype = 'p' and a.attnum = any(k.conkey))
                then 'primary key'
            else coalesce((select 'references ' || k.confrelid::regclass from pg_constraint k
                where k.conrelid = c.oid and k.contype = 'f' and a.attnum = any(k.conkey)), '')
        end
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
"""

INDEXED = """
    select c.relname, array_agg(a.attname::text order by k.place)
    from pg_index i
    join pg_class c on c.oid = i.indrelid
    cross join unnest(i.indkey) with ordinality as k (number, place)
    join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
    where c.relnamespace = 'public'::regnamespace
    group by c.relname, i.indexrelid
"""


def documented() -> list[dict[str, str]]:
    with DOCUMENTED.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def url(new_database: Callable[[], str]) -> str:
    created = new_database()
    create_schema(created)
    return created


def test_every_column_is_as_documented(url: str) -> None:
    tables = {row["table_name"] for row in documented()}
    expected = {
        (
            row["table_name"],
            row["position"],
            row["column_name"],
            row["type"],
            row["nullable"],
            # A table that is not documented cannot be referred to.
            row["key"] if row["key"].removeprefix("references ") in {"", "primary key", *tables} else "",
        )
        for row in documented()
    }
    with psycopg.connect(url) as connection:
        found = set(connection.execute(COLUMNS))
    assert found == expected
    assert set(table_names(url)) == tables


def test_indexes_are_those_of_keys_and_of_the_channels_messages_alone(url: str) -> None:
    expected = [(row["table_name"], (row["column_name"],)) for row in documented() if row["key"]]
    for channel in ("whatsapp", "telegram", "instagram"):
        expected.append((f"messaging_{channel}message", ("organization_id", "contact_id", "created_at")))
    with psycopg.connect(url) as connection:
        found = [(table, tuple(columns)) for table, columns in connection.execute(INDEXED)]
    assert sorted(found) == sorted(expected)


def test_deleting_an_organization_deletes_what_hangs_on_it(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into organizations_organization values (1, 'Bella Pizza', 'bella.example.com', now(), now())"
        )
        connection.execute(
            "insert into messaging_suppression (channel, identifier, reason, created_at, organization_id)"
            " values ('email', 'a@example.com', '', now(), 1)"
        )
        connection.execute("delete from organizations_organization")
        assert connection.execute("select count(*) from messaging_suppression").fetchone() == (0,)
