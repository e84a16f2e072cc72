"""What half-open connections cost everybody else.

Belongs here: this benchmark. Does not: the clients (clients.py), the server and its times (api.py).
"""

import contextlib
import multiprocessing
import resource
import selectors
import socket
from collections.abc import Iterator
from multiprocessing.synchronize import Event

import psutil

from benchmarks.api import prepared, print_times, requests_in_turn, serving
from benchmarks.clients import run_clients
from warehouse.settings import Settings

_HALF_OPEN = 1000
_CLIENTS = 20
_PACE_SECONDS = 0.5
_SECONDS = 15.0
_BEGUN = (
    b"GET /api/metrics/ HTTP/1.1\r\nHost: localhost\r\n",
    b"POST /api/monitoring/refresh/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{",
)


def held(settings: Settings) -> None:
    """The API's warm answers without and with 1,000 connections whose header or body never ends; memory of both."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    settings, token = prepared(settings)
    address = (settings.api_host, settings.api_port)
    with serving(settings) as server:
        run_clients(address, _CLIENTS, 3.0, requests_in_turn(token))
        for half_open in (0, _HALF_OPEN):
            print(f"held: {half_open:,} half-open connections, {_CLIENTS} clients")
            with _held_open(address, half_open):
                for pace in (_PACE_SECONDS, 0.0):
                    begun = cpu_seconds(server.pid)
                    answers = run_clients(address, _CLIENTS, _SECONDS, requests_in_turn(token), pace)
                    spent_ms = 1000 * (cpu_seconds(server.pid) - begun) / max(1, len(answers))
                    print_times("all three", f"warm, {len(answers) / _SECONDS:,.0f} requests/s", answers)
                    print(f"  the server: {spent_ms:.2f} ms of CPU a request, {_mebibytes(server.pid):,.0f} MiB")


@contextlib.contextmanager
def _held_open(address: tuple[str, int], number: int) -> Iterator[None]:
    """Connections that never bring a whole request; one that is closed is opened anew."""
    opened = multiprocessing.Event()
    holder = multiprocessing.Process(target=_hold, args=(address, number, opened))
    holder.start()
    opened.wait()
    try:
        yield
    finally:
        holder.terminate()
        holder.join()


def _hold(address: tuple[str, int], number: int, opened: Event) -> None:
    with selectors.DefaultSelector() as selector:
        for which in range(number):
            _begin(selector, address, which)
        opened.set()
        while True:
            for key, _ in selector.select(1.0):
                selector.unregister(key.fileobj)
                key.fileobj.close()  # type: ignore[union-attr]
                _begin(selector, address, key.data)


def _begin(selector: selectors.BaseSelector, address: tuple[str, int], which: int) -> None:
    connection = socket.create_connection(address)
    connection.sendall(_BEGUN[which % len(_BEGUN)])
    selector.register(connection, selectors.EVENT_READ, which)


def _mebibytes(server: int) -> float:
    return float(sum(one.memory_info().rss for one in _family(server)) / 2**20)


def cpu_seconds(server: int) -> float:
    """What a process and its children have spent so far."""
    return float(sum(sum(one.cpu_times()[:2]) for one in _family(server)))


def _family(server: int) -> list[psutil.Process]:
    return [psutil.Process(server), *psutil.Process(server).children(recursive=True)]
