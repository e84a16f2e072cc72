"""The API as a process: it answers under gunicorn, from several threads at once, and leaves without a trace."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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
    url: str
    log: Path
    home: Path

    def stop(self, by: signal.Signals) -> int:
        self.process.send_signal(by)
        return self.process.wait(60)


@pytest.fixture
def served(loaded: Settings, tmp_path: Path) -> Iterator[Served]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    names = ("source_url", "warehouse_url", "lake_path", "hash_key", "secret_key")
    settings = {f"CORBI_{name.upper()}": loaded.required(name) for name in names}
    settings |= {"CORBI_API_PORT": str(port), "CORBI_DAGSTER_URL": loaded.required("warehouse_url")}
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
            url = f"http://127.0.0.1:{port}"
            _await_answer(process, url, log)
            yield Served(process, url, log, home)
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


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_the_server_answers_many_at_once_and_stops_cleanly(served: Served, by: signal.Signals) -> None:
    def ask(number: int) -> requests.Response:
        headers = {"Authorization": f"Bearer {TOKEN}", "X-Request-ID": f"many-{number}"}
        return requests.get(f"{served.url}/api/metrics/", headers=headers, timeout=60)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(24)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["outbound"] for answer in answers}) == 1
    assert served.stop(by) == 0
    log = served.log.read_text()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {line["request_id"] for line in lines} >= {f"many-{number}" for number in range(24)}
    assert "was sent SIG" not in log
    assert "Traceback" not in log
    assert TOKEN not in log
    assert list(served.home.iterdir()) == []
