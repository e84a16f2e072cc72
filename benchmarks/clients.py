"""Many HTTP clients in one process, on connections that stay open.

Belongs here: sending requests, at a pace or as fast as answers come, and how long each took. Does not: what is asked
(api.py).
"""

import selectors
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """One answered request."""

    path: str
    status: int
    cache: str
    seconds: float


@dataclass
class _Client:
    connection: socket.socket
    path: str = ""
    asked_at: float = 0.0
    due_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)


def run_clients(
    address: tuple[str, int], clients: int, seconds: float, request: Callable[[], tuple[str, bytes]], pace: float = 0.0
) -> list[Answer]:
    """The answers to `clients` that each ask again when they were answered, or every `pace` seconds, for a while.

    A request that is late because the one before took longer than the pace counts from when it was due.
    Raises OSError when the server closes a connection.
    """
    answers: list[Answer] = []
    with selectors.DefaultSelector() as selector:
        begun = time.perf_counter()
        waiting = [
            _Client(socket.create_connection(address), due_at=begun + n * pace / clients) for n in range(clients)
        ]
        everybody = list(waiting)
        while (now := time.perf_counter()) < begun + seconds:
            for client in [client for client in waiting if client.due_at <= now]:
                waiting.remove(client)
                client.path, message = request()
                client.asked_at = client.due_at if pace else now
                client.connection.sendall(message)
                selector.register(client.connection, selectors.EVENT_READ, client)
            next_due = min((client.due_at for client in waiting), default=begun + seconds)
            for key, _ in selector.select(max(0.0, min(next_due, begun + seconds) - time.perf_counter())):
                answered = _receive(key.data)
                if answered:
                    answers.append(answered)
                    selector.unregister(key.fileobj)
                    key.data.due_at = key.data.due_at + pace if pace else 0.0
                    waiting.append(key.data)
        for client in everybody:
            client.connection.close()
    return answers


def ask_once(address: tuple[str, int], path: str, message: bytes) -> Answer:
    """One answer on a connection of its own."""
    with closing(socket.create_connection(address)) as connection:
        client = _Client(connection, path, time.perf_counter())
        connection.sendall(message)
        while True:
            answered = _receive(client)
            if answered:
                return answered


def _receive(client: _Client) -> Answer | None:
    received = client.connection.recv(1 << 18)
    if not received:
        raise ConnectionError(f"the server closed a connection while it was asked for {client.path}")
    client.received += received
    head_length = client.received.find(b"\r\n\r\n")
    if head_length < 0:
        return None
    headers = dict(_headers(bytes(client.received[:head_length])))
    if len(client.received) < head_length + 4 + int(headers.get(b"content-length", b"0")):
        return None
    status = int(client.received[9:12])
    client.received.clear()
    cache = headers.get(b"x-cache", b"").decode() or ("304" if status == 304 else "")
    return Answer(client.path, status, cache, time.perf_counter() - client.asked_at)


def _headers(head: bytes) -> Iterator[tuple[bytes, bytes]]:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        yield name.lower(), value.strip()
