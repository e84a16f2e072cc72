"""The alert store's tables are made once, by whoever comes first, and are what the types say."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from alerts.database import store
from alerts.migrations import upgrade
from alerts.model import Base
from warehouse.errors import WarehouseUnavailableError
from warehouse.settings import Settings


@pytest.fixture
def settings(new_database: Callable[[], str], tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, warehouse_url=new_database())


def test_eight_processes_at_once_make_the_tables_once_and_again_changes_nothing(settings: Settings) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(upgrade, [settings] * 8))
    upgrade(settings)


def test_the_migrations_make_what_the_types_say(settings: Settings) -> None:
    upgrade(settings)
    with store(settings) as engine, engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "version_table_schema": "alert",
                "include_object": lambda _object, _name, kind, *_: kind in {"table", "column"},
            },
        )
        assert compare_metadata(context, Base.metadata) == []


def test_a_server_that_is_not_there_is_named_without_its_password(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, warehouse_url="postgresql://me:secret@127.0.0.1:1/none")
    with pytest.raises(WarehouseUnavailableError, match="CORBI_WAREHOUSE_URL") as caught:
        upgrade(settings)
    assert "secret" not in str(caught.value)
