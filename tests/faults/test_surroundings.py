"""What a pass needs fails under it: one message says what and what to do, and nothing is lost once it is mended."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from demo.history import fill
from demo.postgres import EmbeddedPostgres, embedded_server
from tests.faults.commands import (
    TIMES,
    await_connection,
    command_line,
    commands_to_break,
    connections_to,
    seconds_of,
    start,
    write_something,
    writing_commands,
)
from tests.faults.ledger import proves_nothing_lost
from tests.integration.platform_writer import utc_now
from warehouse.refresh import refresh
from warehouse.settings import Settings

NOWHERE = "postgresql://corbi:secret@127.0.0.1:1/corbi"
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
COMMANDS = commands_to_break()
READING_SOURCE = tuple(name for name in COMMANDS if name not in ("repair", "retention"))
LOADING = tuple(name for name in COMMANDS if name in ("refresh", "backfill", "refresh --reload"))


@pytest.fixture(scope="module")
def ready(loading: Settings) -> Settings:
    refresh(loading)
    return loading


@pytest.mark.parametrize("name", READING_SOURCE)
def test_a_source_that_is_gone_is_named_and_read_when_it_is_back(ready: Settings, name: str) -> None:
    write_something(ready, random.Random(1))
    said = command_line(ready, CORBI_SOURCE_URL=NOWHERE).fail(*writing_commands()[name])
    assert said.startswith("The operational database can't be reached with CORBI_SOURCE_URL")
    assert "secret" not in said
    refresh(ready)
    proves_nothing_lost(ready, "source gone and back", 1)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_catalog_that_is_gone_is_named_and_used_when_it_is_back(ready: Settings, name: str) -> None:
    said = command_line(ready, CORBI_WAREHOUSE_URL=NOWHERE).fail(*writing_commands()[name])
    assert said.startswith("The warehouse's PostgreSQL can't be reached with CORBI_WAREHOUSE_URL")
    assert "secret" not in said


@pytest.mark.parametrize("name", READING_SOURCE)
def test_a_statement_timeout_of_the_source_is_told_with_what_to_do(ready: Settings, name: str) -> None:
    write_something(ready, random.Random(2))
    with database_setting(ready.required("source_url"), "statement_timeout", "3ms"):
        said = command_line(ready).fail(*writing_commands()[name])
    assert "of the operational database failed" in said or said.startswith("Reading the operational database failed")
    assert "set statement_timeout = 0" in said
    refresh(ready)
    proves_nothing_lost(ready, "statement time-out at the source", 1)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_statement_timeout_of_the_catalog_is_not_taken_for_the_sources(ready: Settings, name: str) -> None:
    write_something(ready, random.Random(3))
    with database_setting(ready.required("warehouse_url"), "statement_timeout", "1ms"):
        said = command_line(ready).fail(*writing_commands()[name])
    assert "CORBI_WAREHOUSE_URL" in said
    assert "operational" not in said
    refresh(ready)
    proves_nothing_lost(ready, "statement time-out at the catalog", 1)


@pytest.mark.parametrize("which", ["source_url", "warehouse_url"])
def test_connections_that_are_ended_in_the_middle_are_told_and_lose_nothing(ready: Settings, which: str) -> None:
    source = random.Random(4)
    whole = seconds_of(ready, "refresh")
    ended = 0
    for _ in range(max(1, TIMES // 2)):
        write_something(ready, source)
        process = start(ready, "refresh")
        await_connection(process, ready.required(which))
        time.sleep(source.uniform(0, 0.15) * whole)
        ended += bool(connections_to(ready.required(which), end=True))
        said = process.communicate(timeout=120)[1]
        assert "Traceback" not in said
    assert ended > 0
    refresh(ready)
    proves_nothing_lost(ready, f"connections ended mid-pass ({which.removesuffix('_url')})", ended)


def test_a_server_that_dies_under_passes_is_started_again_and_loses_nothing(tmp_path: Path) -> None:
    """Source and catalog at once: the embedded server is killed, its shared memory with it."""
    source = random.Random(5)
    with embedded_server(tmp_path) as server:
        settings = Settings(
            home=tmp_path, source_url=server.url("corbi"), warehouse_url=server.url("warehouse"),
            lake_path=str(tmp_path / "lake"), hash_key="k",
        )  # fmt: skip
        fill(settings.required("source_url"), messages=2_000, seed=3, now=utc_now(), days=40)
        refresh(settings)
        for _ in range(max(1, TIMES // 2)):
            write_something(settings, source)
            process = start(settings, "refresh")
            with ExitStack() as stack:
                stack.callback(process.kill)
                process_ends = source.uniform(0.5, 4)
                try:
                    process.wait(timeout=process_ends)
                except subprocess.TimeoutExpired:
                    kill_server(server, tmp_path)
                said = process.communicate(timeout=120)[1]
            assert "Traceback" not in said
            server.revive()
        refresh(settings)
        proves_nothing_lost(settings, "PostgreSQL killed mid-pass (kill -9)", max(1, TIMES // 2))


@pytest.mark.parametrize("name", LOADING)
def test_a_full_disk_of_the_lake_is_named_and_not_blamed_on_the_source(
    new_database: Callable[[], str], tmp_path: Path, name: str
) -> None:
    with tiny_lake(new_database, tmp_path) as (settings, disk):
        write_something(settings, random.Random(6))
        disk.leaves_free(kib=16)
        said = command_line(settings).fail(*writing_commands()[name])
        assert said.startswith("The disk of the lake (CORBI_LAKE_PATH) is full")
        assert "operational" not in said
        disk.leaves_free(kib=40_000)
        refresh(settings)
        proves_nothing_lost(settings, "disk full", 1)


@pytest.mark.parametrize("name", LOADING)
def test_a_lake_that_is_read_only_is_named_and_not_blamed_on_the_source(
    new_database: Callable[[], str], tmp_path: Path, name: str
) -> None:
    with tiny_lake(new_database, tmp_path) as (settings, disk):
        write_something(settings, random.Random(7))
        disk.remount("ro")
        said = command_line(settings).fail(*writing_commands()[name])
        assert "CORBI_LAKE_PATH" in said
        assert "operational" not in said
        disk.remount("rw")
        refresh(settings)
        proves_nothing_lost(settings, "lake read-only", 1)


def test_too_little_memory_is_told_with_its_setting(ready: Settings) -> None:
    said = command_line(ready, CORBI_DUCKDB_MEMORY="25MB").fail("refresh", "--reload", "--yes")
    assert said.startswith("DuckDB needs more memory than CORBI_DUCKDB_MEMORY allows")
    refresh(ready)
    proves_nothing_lost(ready, "too little memory", 1)


def test_commands_at_once_wait_for_each_other(ready: Settings) -> None:
    for _ in range(max(1, TIMES // 6)):
        write_something(ready, random.Random(8))
        commands = writing_commands()
        together = [start(ready, *commands[name]) for name in ("refresh", "refresh", "retention", "backfill")]
        for process in together:
            said = process.communicate(timeout=300)[1]
            assert process.returncode == 0, said
    proves_nothing_lost(ready, "two passes, a retention and a backfill at once", max(1, TIMES // 6))


@pytest.mark.skipif(not FAKETIME.exists(), reason="needs libfaketime (Debian: faketime)")
@pytest.mark.parametrize("offset", ["-40d", "-3h", "+3h", "+40d"])
def test_a_clock_that_is_wrong_loses_nothing(ready: Settings, offset: str) -> None:
    wrong = command_line(ready, LD_PRELOAD=str(FAKETIME), FAKETIME=offset, FAKETIME_DONT_FAKE_MONOTONIC="1")
    write_something(ready, random.Random(9))
    wrong.succeed("refresh")
    wrong.succeed("retention")
    write_something(ready, random.Random(10))
    refresh(ready)
    proves_nothing_lost(ready, "clock of the machine wrong by hours or days", 1)


@contextmanager
def database_setting(url: str, name: str, value: str) -> Iterator[None]:
    """A setting of every new connection to a database."""
    with psycopg.connect(url, autocommit=True) as connection:
        database = connection.info.dbname
        connection.execute(f"alter database {database} set {name} = '{value}'")
        connection.execute(f"set {name} = 0")
        try:
            yield
        finally:
            connection.execute(f"alter database {database} reset {name}")


def kill_server(server: EmbeddedPostgres, home: Path) -> None:
    """Kills the server and waits until all of its processes have noticed."""
    pid = int((home / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    family = psutil.Process(pid).children(recursive=True)
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs(family, timeout=60)


class Disk:
    """A disk in memory that holds the lake."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def leaves_free(self, *, kib: int) -> None:
        """Gives the disk a size that leaves so much free."""
        used = int(subprocess.check_output(["du", "-sk", str(self.path)]).split()[0])
        self.remount(f"size={used + kib}k")

    def remount(self, options: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{options}", str(self.path)], check=True)


@contextmanager
def tiny_lake(new_database: Callable[[], str], tmp_path: Path) -> Iterator[tuple[Settings, Disk]]:
    """A loaded lake on a disk of its own. Skips where nothing may be mounted."""
    disk = Disk(tmp_path / "lake disk")
    disk.path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(disk.path)], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("may mount nothing here")
    try:
        settings = Settings(
            home=tmp_path, source_url=new_database(), warehouse_url=new_database(), lake_path=str(disk.path / "lake"),
            hash_key="k",
        )  # fmt: skip
        fill(settings.required("source_url"), messages=500, seed=3, now=utc_now(), days=10)
        refresh(settings)
        yield settings, disk
    finally:
        subprocess.run(["umount", "-l", str(disk.path)], check=True)
