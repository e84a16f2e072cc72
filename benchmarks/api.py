"""How fast the API answers 50 clients at the same time: cold, warm, and 304.

Belongs here: this benchmark. Does not: the clients (clients.py), the ground (ground.py).
"""

import itertools
import json
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from api.access.identity import issue_token
from benchmarks.clients import Answer, run_clients
from benchmarks.ground import load_once
from cli.composition import environment_of
from demo.people import ADMIN_USER_ID
from warehouse.lake.connection import open_lake, transaction
from warehouse.lake.state import read_state, write_state
from warehouse.settings import Settings

PATHS = ("/api/metrics/?range=30d", "/api/monitoring/summary/?range=30d", "/api/monitoring/details/?range=30d")
CLIENTS = 50
_PACE_SECONDS = 0.5
_SNAPSHOT_EVERY_SECONDS = 2.0
_SECONDS = 60.0
_COLD = 40


def api(settings: Settings) -> None:
    """The API's metrics, summary and details (30 d) for the biggest organization: 50 clients, cold, warm and 304."""
    settings, token = prepared(settings)
    address = (settings.api_host, settings.api_port)
    with serving(settings):
        tags = [_etag(settings, path, token) for path in PATHS]
        print(
            f"api: {CLIENTS} clients, each asking every {_PACE_SECONDS} s; a new snapshot every 2 s, {_SECONDS:.0f} s"
        )
        with _new_snapshots(settings):
            paced = run_clients(address, CLIENTS, _SECONDS, requests_in_turn(token), _PACE_SECONDS)
        for path in PATHS:
            answers = [a for a in paced if a.path == path]
            computed = sum(a.cache == "miss" for a in answers)
            print_times(path, f"{computed} waited for computing", answers)
        print("api: one client, windows of 30 days that nobody asked for before")
        for path in PATHS:
            print_times(path, "cold", _cold(settings, path, token))
        print(f"api: {CLIENTS} clients, each asking every {_PACE_SECONDS} s, nothing new")
        for path, label, answers in _paced_warm(address, token, tags):
            print_times(path, label, answers)
        print(f"api: {CLIENTS} clients as fast as they are answered (the clients take a share of the same cores)")
        for path in PATHS:
            answers = run_clients(address, CLIENTS, 8.0, requests_in_turn(token, paths=[path]))
            print_times(path, f"warm, {len(answers) / 8:,.0f} requests/s", answers)
        answers = run_clients(address, CLIENTS, 8.0, requests_in_turn(token))
        print_times("all three", f"warm, {len(answers) / 8:,.0f} requests/s", answers)
        answers = run_clients(
            address, CLIENTS, 8.0, requests_in_turn(token, tags=[_etag(settings, p, token) for p in PATHS])
        )
        print_times("all three", f"304, {len(answers) / 8:,.0f} requests/s", answers)


def prepared(settings: Settings) -> tuple[Settings, str]:
    """Settings to serve a loaded lake with, on a free port, and the token of somebody who may read it."""
    settings = settings.model_copy(
        update={
            "secret_key": SecretStr("benchmarks " * 4),
            "dagster_url": settings.warehouse_url,
            # All clients are one user, and asked as fast as they are answered.
            "rate_limit": "",
            "api_port": free_port(),
        }
    )
    load_once(settings)
    return settings, issue_token(settings.required("secret_key"), ADMIN_USER_ID, timedelta(hours=2))


def free_port() -> int:
    """A port that nothing listens on now."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return int(listener.getsockname()[1])


def _paced_warm(address: tuple[str, int], token: str, tags: Sequence[str]) -> Iterator[tuple[str, str, list[Answer]]]:
    run_clients(address, CLIENTS, 2.0, requests_in_turn(token), _PACE_SECONDS)
    warm = run_clients(address, CLIENTS, 15.0, requests_in_turn(token), _PACE_SECONDS)
    for path in PATHS:
        yield path, "warm", [answer for answer in warm if answer.path == path]
    known = run_clients(address, CLIENTS, 10.0, requests_in_turn(token, tags=tags), _PACE_SECONDS)
    yield "all three", "304", known


@contextmanager
def serving(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """The API as a process, once it answers."""
    command = [sys.executable, "-m", "cli.main", "api"]
    with subprocess.Popen(command, env=environment_of(settings), stderr=subprocess.DEVNULL) as server:
        try:
            _await(f"http://{settings.api_host}:{settings.api_port}/healthz")
            yield server
        finally:
            server.terminate()


@contextmanager
def _new_snapshots(settings: Settings) -> Iterator[None]:
    """Commits to the lake again and again, as passes do, so that every kept answer is of old data."""
    stop = threading.Event()

    def commit() -> None:
        with open_lake(settings) as lake:
            while not stop.wait(_SNAPSHOT_EVERY_SECONDS):
                with transaction(lake):
                    write_state(lake, read_state(lake))

    thread = threading.Thread(target=commit)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def requests_in_turn(token: str, paths: Sequence[str] = PATHS, tags: Sequence[str] | None = None) -> "_Requests":
    """A request for each path again and again, that knows its answer already where there are tags."""
    messages = []
    for number, path in enumerate(paths):
        known = f"If-None-Match: {tags[number]}\r\n" if tags else ""
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n{known}\r\n"
        messages.append((path, head.encode()))
    return _Requests(messages)


class _Requests:
    """One request after the other, in turn."""

    def __init__(self, messages: Sequence[tuple[str, bytes]]) -> None:
        self._turn = itertools.cycle(messages)

    def __call__(self) -> tuple[str, bytes]:
        return next(self._turn)


def _etag(settings: Settings, path: str, token: str) -> str:
    url = f"http://{settings.api_host}:{settings.api_port}{path}"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=60) as response:
        json.load(response)
        return str(response.headers["ETag"])


def _cold(settings: Settings, path: str, token: str) -> list[Answer]:
    """Answers about windows of 30 days, each of which ends 5 minutes before the last one."""
    resource, end, answers = path.partition("?")[0], datetime.now(UTC) - timedelta(days=1), []
    for number in range(_COLD):
        to = end - number * timedelta(minutes=5)
        window = urllib.parse.urlencode({"from": (to - timedelta(days=30)).isoformat(), "to": to.isoformat()})
        url = f"http://{settings.api_host}:{settings.api_port}{resource}?{window}"
        request, started = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"}), time.monotonic()
        with urllib.request.urlopen(request, timeout=60) as response:
            response.read()
            answers.append(Answer(path, response.status, response.headers["X-Cache"], time.monotonic() - started))
    return answers


def _await(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def print_times(path: str, label: str, answers: Sequence[Answer]) -> None:
    """Prints a line. Raises RuntimeError when there was another status than 200 or 304."""
    wrong = [answer.status for answer in answers if answer.status not in (200, 304)]
    if wrong or not answers:
        raise RuntimeError(f"{path} {label}: {len(answers)} answers, of these with another status: {wrong[:5]}")
    ms = sorted(answer.seconds * 1000 for answer in answers)
    p50, p99 = statistics.median(ms), ms[int(0.99 * (len(ms) - 1))]
    print(f"  {path:44} {label:24} n {len(ms):6,}   p50 {p50:7.1f} ms   p99 {p99:7.1f} ms", flush=True)
