"""What earlier versions left is brought up to date in place: lakes that were kept are opened by the code of today.

`kept/layout_4.tar.gz` is a backup (hash key `kept`) of a history of five days and one alert, of
which each layer keeps a part: the lake as it was when layout 4 was new. `kept/ducklake_0_3.tar.gz` is a table of
eleven rows written by DuckLake 0.3 (of DuckDB 1.4), its catalog as SQL. A new layout adds one more.
"""

import tarfile
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from alerts.migrations import known_revisions, upgrade
from warehouse.backup import restore
from warehouse.errors import WarehouseUnavailableError
from warehouse.lake.connection import open_lake, transaction
from warehouse.lake.migrations import bring_up_to_date
from warehouse.lake.state import SCHEMA_VERSION, read_state
from warehouse.queries.measures import MEASURES
from warehouse.refresh import writing_lake
from warehouse.settings import Settings
from warehouse.verify import rollups_equal_raw

KEPT = Path(__file__).parent / "kept"
MESSAGES = f"select sum({MEASURES['outbound']})::bigint, sum({MEASURES['inbound']})::bigint from lake.rollup."


@pytest.fixture
def empty(new_database: Callable[[], str], tmp_path: Path) -> Settings:
    """An empty database, and a lake path that isn't there yet."""
    return Settings(
        home=tmp_path, source_url="postgresql://nobody@127.0.0.1:1/none", warehouse_url=new_database(),
        lake_path=str(tmp_path / "lake"), hash_key="kept", raw_days=2, five_minute_days=2, hourly_days=2, daily_days=3,
    )  # fmt: skip


def unpacked(name: str, into: Path) -> Path:
    with tarfile.open(KEPT / f"{name}.tar.gz") as kept:
        kept.extractall(into, filter="data")
    return into / name


def of_ducklake_0_3(settings: Settings, tmp_path: Path) -> None:
    kept = unpacked("ducklake_0_3", tmp_path)
    (kept / "lake").rename(settings.required("lake_path"))
    catalog = (kept / "catalog.sql").read_text().replace("@LAKE@", settings.required("lake_path"))
    with psycopg.connect(settings.required("warehouse_url")) as warehouse:
        warehouse.execute(catalog.encode())


def test_a_lake_of_layout_4_keeps_its_figures_and_its_alerts(empty: Settings, tmp_path: Path) -> None:
    restore(empty, str(unpacked("layout_4", tmp_path)), alert_revisions=known_revisions())
    with writing_lake(empty) as lake, transaction(lake):
        bring_up_to_date(lake)
    with open_lake(empty, read_only=True) as lake:
        assert read_state(lake).schema_version == SCHEMA_VERSION
        found = {
            layer: lake.execute(MESSAGES + layer).fetchone()
            for layer in ("channel_day", "channel_lifetime", "channel_total")
        }
    assert found == {"channel_day": (34, 9), "channel_lifetime": (26, 1), "channel_total": (60, 10)}
    assert rollups_equal_raw(empty) == ()
    upgrade(empty)
    with psycopg.connect(empty.required("warehouse_url")) as warehouse:
        alerts = warehouse.execute("select rule, status from alert.alert").fetchall()
    assert alerts == [("platform_alerts", "resolved")]


def test_a_catalog_of_an_older_ducklake_is_brought_up_to_date_by_who_writes(empty: Settings, tmp_path: Path) -> None:
    of_ducklake_0_3(empty, tmp_path)
    with pytest.raises(WarehouseUnavailableError, match=r"DuckLake 0\.3, .* the next pass brings it up to"):
        open_lake(empty, read_only=True)
    with writing_lake(empty) as lake:
        assert lake.execute("select count(*), sum(id) from lake.raw.t").fetchall() == [(11, 122)]
    with open_lake(empty, read_only=True) as lake:
        assert lake.execute("select count(*), sum(id) from lake.raw.t").fetchall() == [(11, 122)]


@pytest.mark.parametrize("read_only", [True, False])
def test_a_catalog_of_a_newer_ducklake_is_left_alone(empty: Settings, tmp_path: Path, *, read_only: bool) -> None:
    of_ducklake_0_3(empty, tmp_path)
    with psycopg.connect(empty.required("warehouse_url")) as warehouse:
        warehouse.execute("update ducklake_metadata set value = '99.0' where key = 'version'")
    with pytest.raises(WarehouseUnavailableError, match="install the newer version"):
        open_lake(empty, read_only=read_only)
