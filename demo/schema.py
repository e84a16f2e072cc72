"""Corbi's tables in a database: making them, finding them, removing them.

Here: the running of schema.sql and schema_keys.sql.
Not here: what a column means (the statements say it) and any row.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import psycopg

from demo import sql


def table_names(url: str) -> list[str]:
    """The tables of the public schema, sorted."""
    with psycopg.connect(url) as connection:
        found = connection.execute("select tablename from pg_tables where schemaname = 'public' order by tablename")
        return [name for (name,) in found]


def create_schema(url: str) -> None:
    """Corbi's tables with their keys and indexes, empty."""
    create_tables(url)
    create_keys(url)


def create_tables(url: str) -> None:
    """Corbi's tables without keys or indexes, to be loaded quickly."""
    with sql.connect(url) as connection:
        connection.execute(sql.read("schema.sql"))


def create_keys(url: str, workers: int = 2) -> None:
    """Primary keys first; then the indexes, several at a time, beside the foreign keys, one after the other.

    Two foreign keys at once could lock each other out, since each locks the table it refers to as well.
    """
    waiting = list(sql.statements("schema_keys.sql"))
    primary = [statement for statement in waiting if "add primary key" in statement]
    foreign = [statement for statement in waiting if "add foreign key" in statement]
    indexes = [statement for statement in waiting if "create index" in statement]
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda statement: _run(url, [statement]), primary))
        list(pool.map(lambda group: _run(url, group), [foreign, *([statement] for statement in indexes)]))


def _run(url: str, statements: Iterable[str]) -> None:
    with sql.connect(url) as connection:
        connection.execute("set maintenance_work_mem = '256MB'")
        for statement in statements:
            connection.execute(statement)
