"""Files of the lake that were lost or changed after they were written: they are seen, named and mended."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from demo.history import fill
from tests.integration.lake_damage import KINDS, SEEN_BY_SIZE, damage, live_file
from tests.integration.platform_writer import PlatformWriter, open_connection, utc_now
from warehouse.doctor import check_stored_rows
from warehouse.lake.connection import open_lake
from warehouse.lake.files import find_damage
from warehouse.refresh import refresh, writing_lake
from warehouse.settings import Settings

RECORDED = "select count(*) from storage.file"


@pytest.fixture(scope="module")
def warehouse(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A history of 60 days, loaded."""
    home = tmp_path_factory.mktemp("damage")
    settings = Settings(
        home=home, source_url=new_database(), warehouse_url=new_database(), lake_path=str(home / "lake"), hash_key="k"
    )
    fill(settings.required("source_url"), messages=2_000, seed=3, now=utc_now(), days=60)
    refresh(settings)
    return settings


def found(settings: Settings, *, deep: bool) -> list[str]:
    with open_lake(settings, read_only=True) as lake:
        return [one.path for one in find_damage(lake, settings, deep=deep)]


def ask(settings: Settings, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(settings.required("warehouse_url")) as connection:
        return connection.execute(query.encode()).fetchall()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("table", ["raw.provider_event", "rollup.channel_5m", "rollup.channel_day", "meta.state"])
def test_the_doctor_names_every_damaged_file(warehouse: Settings, table: str, kind: str) -> None:
    path = live_file(warehouse, table)
    whole = path.read_bytes()
    damage(path, kind)
    name = str(path.relative_to(warehouse.required("lake_path")))
    assert found(warehouse, deep=True) == [name]
    assert found(warehouse, deep=False) == ([name] if kind in SEEN_BY_SIZE else [])
    (finding,) = check_stored_rows(warehouse, datetime.now(UTC), deep=True)
    assert finding.is_problem
    assert name in finding.text
    path.write_bytes(whole)
    (finding,) = check_stored_rows(warehouse, datetime.now(UTC), deep=True)
    assert not finding.is_problem


def test_what_a_killed_pass_wrote_is_recorded_by_the_next(warehouse: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_connection(warehouse.required("source_url"), autocommit=True) as source:
        PlatformWriter(source, utc_now()).outbound(1, "email", timedelta(0))
    monkeypatch.setattr("warehouse.refresh.record_files", lambda *_: 0)
    refresh(warehouse)
    monkeypatch.undo()
    path = live_file(warehouse, "meta.state")
    whole = path.read_bytes()
    damage(path, "page")
    assert found(warehouse, deep=True) == []
    path.write_bytes(whole)
    with writing_lake(warehouse):
        pass
    damage(path, "page")
    assert found(warehouse, deep=True) == [str(path.relative_to(warehouse.required("lake_path")))]
    path.write_bytes(whole)


def test_files_that_the_lake_has_no_more_are_forgotten(warehouse: Settings) -> None:
    refresh(warehouse)
    live = "select count(*) from ducklake_{}_file where end_snapshot is null"
    ((files,),), ((deletes,),) = (ask(warehouse, live.format(kind)) for kind in ("data", "delete"))
    assert isinstance(files, int)
    assert isinstance(deletes, int)
    assert ask(warehouse, RECORDED) == [(files + deletes,)]


def test_a_disk_that_is_not_mounted_is_no_damage(warehouse: Settings) -> None:
    lake = Path(warehouse.required("lake_path"))
    away = lake.rename(lake.with_name("away"))
    (finding,) = check_stored_rows(warehouse, datetime.now(UTC))
    assert finding.text.startswith("None of the lake's ")
    away.rename(lake)
