"""Real parts for integration tests: one PostgreSQL server a session, and new databases on it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from api.app import create_app
from api.serving.needs import EXTENSION
from demo.history import fill
from demo.postgres import EmbeddedPostgres, embedded_server
from demo.schema import create_schema
from tests.integration.odd_rows import OddPlatform
from warehouse.lake.connection import open_lake
from warehouse.refresh import refresh
from warehouse.settings import Settings

SECRET_KEY = "a secret key of the platform, for tests, long enough for every algorithm there is"


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


@pytest.fixture(scope="session")
def loaded(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A small warehouse over a history of 400 days, loaded and rolled up; for tests that only read it."""
    home = tmp_path_factory.mktemp("loaded")
    settings = new_warehouse(new_database, home)
    fill(settings.required("source_url"), messages=6_000, seed=7, now=datetime.now(UTC), days=400)
    refresh(settings)
    return settings


@pytest.fixture
def empty_platform(new_database: Callable[[], str], tmp_path: Path) -> Settings:
    """The platform's tables without rows, and a warehouse that has read nothing yet."""
    settings = new_warehouse(new_database, tmp_path)
    create_schema(settings.required("source_url"))
    return settings


@pytest.fixture
def odd_platform(empty_platform: Settings) -> Iterator[OddPlatform]:
    """A small platform, of which nothing is loaded yet."""
    made = OddPlatform(empty_platform)
    with closing(made.source):
        made.fill()
        yield made


def ask(settings: Settings, query: str) -> list[tuple[object, ...]]:
    """What the lake answers."""
    with open_lake(settings, read_only=True) as lake:
        return lake.execute(query).fetchall()


def write(settings: Settings, statement: str) -> int:
    """How many rows a statement changed in the operational database."""
    with psycopg.connect(settings.required("source_url"), autocommit=True) as source:
        return source.execute(statement.encode()).rowcount


def new_warehouse(new_database: Callable[[], str], home: Path, **more: Any) -> Settings:
    """An empty source and an empty warehouse of its own, below a folder; `more` are further settings."""
    return Settings(
        home=home, source_url=new_database(), warehouse_url=new_database(), lake_path=str(home / "lake"), hash_key="k",
        secret_key=SECRET_KEY, **more,
    )  # fmt: skip


@contextmanager
def api_client(settings: Settings) -> Iterator[FlaskClient]:
    """A client of the API, whose connections are given back at the end."""
    app = create_app(settings)
    try:
        yield app.test_client()
    finally:
        app.extensions[EXTENSION].close()
