"""Real parts for integration tests: one PostgreSQL server a session, and new databases on it."""

import shutil
from collections.abc import Callable, Iterator
from itertools import count

import psycopg
import pytest

from demo.postgres import EmbeddedPostgres, embedded_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """The embedded server, in a folder of its own, stopped at the end."""
    home = tmp_path_factory.mktemp("embedded")
    with embedded_server(home) as running:
        yield running
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def new_database(server: EmbeddedPostgres) -> Callable[[], str]:
    """Makes an empty database and gives its URL."""
    numbers = count(1)

    def create() -> str:
        name = f"test_{next(numbers)}"
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {name}")
        return server.url(name)

    return create
