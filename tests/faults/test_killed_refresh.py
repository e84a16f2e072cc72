"""A refresh that is killed at any moment leaves all of a step or nothing of it, and the next refresh goes on."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from demo.history import fill
from tests.integration.platform_writer import AGES, CHANNELS, PlatformWriter, open_connection, utc_now
from warehouse.lake.connection import open_lake
from warehouse.refresh import extract_into, refresh, writing_lake
from warehouse.settings import Settings
from warehouse.status import status_of
from warehouse.verify import raw_equals_source, rollups_equal_raw, verify

KILLS = int(os.environ.get("FAULTS_KILLS", "6"))
REFRESH = (
    "from warehouse.refresh import refresh; from warehouse.settings import load_settings; refresh(load_settings())"
)


def start_refresh(settings: Settings) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "CORBI_HOME": str(settings.home),
        "CORBI_SOURCE_URL": settings.required("source_url"),
        "CORBI_WAREHOUSE_URL": settings.required("warehouse_url"),
        "CORBI_LAKE_PATH": settings.required("lake_path"),
        "CORBI_HASH_KEY": settings.required("hash_key"),
        "CORBI_COMPACT_EVERY_PASSES": "5",
    }
    return subprocess.Popen([sys.executable, "-c", REFRESH], env=environment, stderr=subprocess.PIPE)


def kill_after(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Kills the process after a while; whether it was still at work."""
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return True
    _, errors = process.communicate()
    assert process.returncode == 0, errors.decode()
    return False


def write_something(settings: Settings, source: random.Random) -> None:
    with open_connection(settings.required("source_url"), autocommit=True) as connection:
        writer = PlatformWriter(connection, utc_now())
        for _ in range(20):
            number = source.randrange(400)
            writer.outbound(number, source.choice(CHANNELS), source.choice(AGES))
            writer.callback(number, source.choice(CHANNELS), source.choice(AGES))
            writer.change_status("messaging_outboundmessage", source.randrange(100_000))
        writer.delete("contacts_contact", source.randrange(1000))


@pytest.fixture(scope="module")
def loading(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A filled source and a warehouse that nothing was loaded into yet."""
    home = tmp_path_factory.mktemp("killed")
    settings = Settings(
        home=home, source_url=new_database(), warehouse_url=new_database(), lake_path=str(home / "lake"), hash_key="k",
        delete_check_seconds=0, compact_every_passes=5,
    )  # fmt: skip
    fill(settings.required("source_url"), messages=8_000, seed=3, now=utc_now(), days=60)
    return settings


def seconds_of_a_refresh(settings: Settings) -> float:
    started = time.monotonic()
    assert not kill_after(start_refresh(settings), 300)
    return time.monotonic() - started


def test_a_first_load_that_is_killed_leaves_nothing_and_the_next_one_loads_everything(loading: Settings) -> None:
    source = random.Random(11)
    for _ in range(KILLS // 2):
        was_at_work = kill_after(start_refresh(loading), source.uniform(0.8, 3))
        with psycopg.connect(loading.required("warehouse_url")) as catalog:
            exists = catalog.execute("select to_regclass('public.ducklake_schema')").fetchone()
            found = (
                catalog.execute("select count(*) from ducklake_schema where schema_name in ('raw', 'meta')").fetchone()
                if exists and exists[0]
                else (0,)
            )
        assert found in ((0,), (2,))
        if not was_at_work:
            break
    refresh(loading)
    assert verify(loading).differences == ()


def test_a_pass_that_is_killed_loses_nothing(loading: Settings) -> None:
    source = random.Random(12)
    refresh(loading)
    whole = seconds_of_a_refresh(loading)
    killed = 0
    for _ in range(KILLS):
        write_something(loading, source)
        killed += kill_after(start_refresh(loading), source.uniform(0.3, 1.1) * whole)
    assert killed > 0
    refresh(loading)
    assert raw_equals_source(loading) == ()
    refresh(loading)
    assert rollups_equal_raw(loading) == ()
    assert verify(loading).differences == ()


def test_rows_merged_before_a_kill_are_rolled_up_by_the_next_pass(loading: Settings) -> None:
    refresh(loading)
    write_something(loading, random.Random(13))
    with writing_lake(loading) as lake:
        extract_into(lake, loading)
        assert status_of(lake).pending_hours > 0
    refresh(loading)
    with open_lake(loading, read_only=True) as lake:
        status = status_of(lake)
    assert status.pending_hours == 0
    assert status.rolled_up_as_of == status.as_of
    assert utc_now() - status.as_of < timedelta(minutes=5)
    assert verify(loading).differences == ()
