"""The API as a process of its own.

Here: starting it over a loaded lake, and its end. Not here: what is asked of it.
"""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from api.access.identity import issue_token
from demo.people import ADMIN_USER_ID
from tests.integration.command_line import CommandLine
from tests.integration.conftest import SECRET_KEY
from warehouse.settings import Settings

TOKEN = issue_token(SECRET_KEY, ADMIN_USER_ID)


@dataclass(frozen=True)
class Served:
    """A running API: its process, its address, the files its two streams go to, and its user's home."""

    process: subprocess.Popen[bytes]
    address: tuple[str, int]
    log: Path
    home: Path

    @property
    def url(self) -> str:
        return "http://{}:{}".format(*self.address)

    def stop(self, by: signal.Signals) -> int:
        self.process.send_signal(by)
        return self.process.wait(60)


@contextmanager
def serving(loaded: Settings, tmp_path: Path, **more: str) -> Iterator[Served]:
    """The API once it answers, with more settings."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    names = ("source_url", "warehouse_url", "lake_path", "hash_key", "secret_key")
    settings = {f"CORBI_{name.upper()}": loaded.required(name) for name in names}
    settings |= {"CORBI_API_PORT": str(port), "CORBI_DAGSTER_URL": loaded.required("warehouse_url")} | more
    command, log = CommandLine(tmp_path / "state", settings), tmp_path / "log"
    home = tmp_path / "home"
    home.mkdir()
    command.home.mkdir()
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-m", "cli.main", "api"],
            cwd=command.home, env=command.environment | {"HOME": str(home)}, stdout=output, stderr=output,
        ) as process,
    ):  # fmt: skip
        try:
            served = Served(process, ("127.0.0.1", port), log, home)
            _await_answer(process, served.url, log)
            yield served
        finally:
            process.kill()


def _await_answer(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(f"{url}/healthz", timeout=10)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the API does not answer: {log.read_text()}")
