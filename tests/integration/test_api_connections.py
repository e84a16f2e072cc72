"""Connections of the API: none holds it, whatever it sends or doesn't, and none is answered 500 for what it sends."""

import os
import resource
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest
import requests

from tests.integration.served_api import TOKEN, Served, serving
from warehouse.settings import Settings

HALF_OPEN = 1000
POST = b"POST /api/metrics/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
BEGINNINGS = (
    b"",
    b"GET /api/metrics/ HTTP/1.1\r\nHost: loc",
    POST + b"Content-Length: 1000\r\n\r\n{",
    CHUNKED + b"3e8\r\n{",
)
PATIENCE_SECONDS = 240


@pytest.fixture
def served(loaded: Settings, tmp_path: Path) -> Iterator[Served]:
    with serving(loaded, tmp_path, CORBI_API_REQUEST_SECONDS="5", CORBI_RATE_LIMIT="1000000/minute") as served:
        yield served


@pytest.fixture
def _many_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.usefixtures("_many_files")
def test_a_thousand_half_open_connections_hold_nobody_and_are_closed(served: Served) -> None:
    """A fifth of them brings a byte again and again, which gives it no more time."""
    with ExitStack() as stack, ThreadPoolExecutor(8) as threads:
        half_open = [stack.enter_context(socket.create_connection(served.address)) for _ in range(HALF_OPEN)]
        for number, connection in enumerate(half_open):
            with suppress(OSError):
                connection.sendall(BEGINNINGS[number % len(BEGINNINGS)])
            connection.setblocking(False)
        trickling = half_open[:: len(BEGINNINGS) + 1]
        statuses = []
        deadline = time.monotonic() + PATIENCE_SECONDS
        while half_open and time.monotonic() < deadline:
            statuses += list(threads.map(_status, [served] * 8))
            for connection in trickling:
                with suppress(OSError):
                    connection.send(b"x")
            half_open = [connection for connection in half_open if not _is_closed(connection)]
    assert half_open == []
    assert set(statuses) == {200}


@pytest.mark.parametrize("name", ["SCRIPT_NAME", "script_name", "PATH_INFO"])
def test_a_header_that_would_be_the_servers_own_is_refused(served: Served, name: str) -> None:
    head = f"GET /healthz HTTP/1.1\r\nHost: localhost\r\n{name}: /elsewhere\r\n\r\n"
    assert _exchange(served, head.encode()) == 400


@pytest.mark.parametrize("chunks", [b"zz\r\nabc", b"-1\r\nabc", b"3\r\nabcdef", b"3;=\r\nabc"])
def test_bad_chunks_are_refused(served: Served, chunks: bytes) -> None:
    assert _exchange(served, CHUNKED + chunks + b"\r\n0\r\n\r\n") == 400


@pytest.mark.parametrize("chunk_bytes", [1024, 128 * 1024])
def test_a_body_that_is_too_long_is_refused(served: Served, chunk_bytes: int) -> None:
    chunk = b"%x\r\n" % chunk_bytes + b"x" * chunk_bytes + b"\r\n"
    assert _exchange(served, CHUNKED + chunk * (128 * 1024 // chunk_bytes) + b"0\r\n\r\n") == 413
    assert _exchange(served, POST + b"Content-Length: 131072\r\n\r\n" + b"x" * 131072) == 413


def test_a_connection_goes_on_after_an_answer_that_has_not_changed(served: Served) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with closing(HTTPConnection(*served.address, timeout=PATIENCE_SECONDS)) as connection:
        connection.request("GET", "/api/metrics/", headers=headers)
        first = connection.getresponse()
        first.read()
        opened = connection.sock
        for _ in range(3):
            connection.request("GET", "/api/metrics/", headers=headers | {"If-None-Match": first.headers["ETag"]})
            answer = connection.getresponse()
            assert (answer.status, answer.read(), answer.headers["Connection"]) == (304, b"", None)
            assert connection.sock is opened
        last = headers | {"If-None-Match": first.headers["ETag"], "Connection": "close"}
        connection.request("GET", "/api/metrics/", headers=last)
        assert connection.getresponse().headers["Connection"] == "close"


def test_a_proxy_on_this_machine_says_that_the_client_speaks_https(served: Served) -> None:
    said = requests.get(f"{served.url}/healthz", headers={"X-Forwarded-Proto": "https"}, timeout=60)
    assert "Strict-Transport-Security" in said.headers
    assert "Strict-Transport-Security" not in requests.get(f"{served.url}/healthz", timeout=60).headers


def test_a_worker_that_ended_comes_again_while_the_other_answers(loaded: Settings, tmp_path: Path) -> None:
    with serving(loaded, tmp_path, CORBI_API_WORKERS="2") as served:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(workers := _workers(served)) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        ended = workers[0]
        os.kill(ended, signal.SIGKILL)
        while (ended in (workers := _workers(served)) or len(workers) < 2) and time.monotonic() < deadline:
            assert _status(served) == 200
        assert len(workers) == 2
        assert served.stop(signal.SIGTERM) == 0
        assert "Traceback" not in served.log.read_text()


def _workers(served: Served) -> list[int]:
    return [one.pid for one in psutil.Process(served.process.pid).children()]


def _status(served: Served) -> int:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return requests.get(f"{served.url}/api/metrics/", headers=headers, timeout=PATIENCE_SECONDS).status_code


def _is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1024) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def _exchange(served: Served, message: bytes) -> int:
    """The status of what is answered."""
    with socket.create_connection(served.address, timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(message)
        with connection.makefile("rb") as answer:
            return int(answer.readline().split()[1])
