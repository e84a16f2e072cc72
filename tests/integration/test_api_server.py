"""The API as a process: it answers under gunicorn, from several threads at once, and leaves without a trace."""

import json
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.integration.served_api import TOKEN, Served, serving
from warehouse.settings import Settings


@pytest.fixture
def served(loaded: Settings, tmp_path: Path) -> Iterator[Served]:
    with serving(loaded, tmp_path) as served:
        yield served


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
