"""The embedded server is shared, survives its holders, and starts again after any of them was killed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import psycopg2
import pytest
import sqlalchemy

from demo.postgres import DATABASES, EmbeddedPostgres, embedded_server

HOLD = """
import sys, time
from pathlib import Path
from demo.postgres import embedded_server
server = embedded_server(Path(sys.argv[1]))
print(server.url("corbi"), flush=True)
time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    shutil.rmtree(tmp_path)


@contextmanager
def holder(home: Path, seconds: float) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the server; killed at the end, if it has not left by then."""
    command = [sys.executable, "-c", HOLD, str(home), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("postgresql://")
        yield process
        process.send_signal(signal.SIGKILL)


def postmaster_pid(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def await_end(pid: int) -> None:
    """Waits until a server has ended, all of its clients let go of."""
    deadline = time.monotonic() + 60
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def answers(server: EmbeddedPostgres) -> bool:
    with psycopg.connect(server.url("corbi")) as connection:
        return connection.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize("database", DATABASES)
def test_each_database_opens_by_its_url_in_every_client(server: EmbeddedPostgres, database: str) -> None:
    url = server.url(database)
    with psycopg.connect(url) as connection:
        assert connection.execute("select current_database()").fetchone() == (database,)
    with psycopg2.connect(url) as connection2, connection2.cursor() as cursor:
        cursor.execute("select current_database()")
        assert cursor.fetchone() == (database,)
    connection2.close()
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection3:
        assert connection3.execute(sqlalchemy.text("select current_database()")).scalar() == database
    engine.dispose()


def test_settings_hold_from_the_first_start(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url("corbi")) as connection:
        found = connection.execute("select current_setting('max_connections'), current_setting('TimeZone')").fetchone()
    assert found == ("200", "UTC")


def test_a_folder_with_a_space_and_a_long_name_gives_a_url_that_works(home: Path) -> None:
    with embedded_server(home / "a folder with spaces" / ("long" * 30)) as server:
        assert answers(server)
        engine = sqlalchemy.create_engine(server.url("corbi"))
        with engine.connect() as connection:
            assert connection.execute(sqlalchemy.text("select 1")).scalar() == 1
        engine.dispose()


def test_a_short_lived_process_leaves_the_server_to_those_who_hold_it(home: Path) -> None:
    with embedded_server(home) as server:
        pid = postmaster_pid(home)
        with holder(home, 0) as process:
            assert process.wait() == 0
        assert postmaster_pid(home) == pid
        assert answers(server)
    assert not (home / "postgres" / "postmaster.pid").exists()


def test_two_handles_in_one_process_hold_it_apart(home: Path) -> None:
    with embedded_server(home) as first:
        embedded_server(home).stop()
        assert answers(first)
    assert not (home / "postgres" / "postmaster.pid").exists()


def test_a_killed_holder_keeps_nobody_from_joining_stopping_and_starting(home: Path) -> None:
    with holder(home, 60):
        pass
    with embedded_server(home) as server:
        assert answers(server)
    assert not (home / "postgres" / "postmaster.pid").exists()
    with embedded_server(home) as server:
        assert answers(server)


def test_a_killed_server_starts_again_with_its_data(home: Path) -> None:
    with embedded_server(home) as server:
        with psycopg.connect(server.url("corbi")) as connection:
            connection.execute("create table kept (id int)")
            connection.execute("set local synchronous_commit = on")
        pid = postmaster_pid(home)
        os.kill(pid, signal.SIGKILL)
        await_end(pid)
    with embedded_server(home) as server, psycopg.connect(server.url("corbi")) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (0,)


@pytest.mark.parametrize("lines", [8, 5])
def test_a_pid_file_left_by_a_crash_is_no_server(home: Path, lines: int) -> None:
    with embedded_server(home):
        pid_file = home / "postgres" / "postmaster.pid"
        left = pid_file.read_text().splitlines()
    finished = subprocess.Popen(["true"])
    finished.wait()
    # Complete, the number belongs to this test by now; broken off, to nobody.
    left[0] = str(os.getpid() if lines == 8 else finished.pid)
    pid_file.write_text("\n".join(left[:lines]) + "\n")
    with embedded_server(home) as server:
        assert answers(server)


def test_a_server_that_ended_under_its_holders_is_started_again_and_stopped_by_the_last_of_them(home: Path) -> None:
    with embedded_server(home) as server:
        with holder(home, 60):
            os.kill(postmaster_pid(home), signal.SIGKILL)
            await_end(postmaster_pid(home))
            assert server.revive()
            assert answers(server)
            assert not server.revive()
        pid = postmaster_pid(home)
    await_end(pid)


def test_a_server_does_not_outlive_a_last_holder_that_was_killed(home: Path) -> None:
    with holder(home, 60):
        pid = postmaster_pid(home)
    await_end(pid)
    assert not (home / "postgres" / "postmaster.pid").exists()
