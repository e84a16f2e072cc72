"""Connections of the API: waitress reads and writes them all in one loop, under gunicorn's processes.

Belongs here: the worker, and what a connection may do before its request is whole. Does not: processes and settings
(server.py), what is answered (app.py).

A thread is taken by a whole request only, header and body. So connections that wait, whoever holds them, cost a file
descriptor and some memory.
"""

import ipaddress
import logging
import os
import re
import socket
import time
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import BaseWSGIServer, TcpWSGIServer
from waitress.task import WSGITask

from api.http.request_size import MOST_BODY_BYTES

MOST_CONNECTIONS = 4096
"""Open connections of one worker; one more closes the one that has waited longest."""
_MOST_HEADER_BYTES = 32 * 1024
_LOOP_SECONDS = 1

_SERVERS_OWN = re.compile(rb"^(script_name|path_info)[ \t]*:", re.IGNORECASE | re.MULTILINE)


class ConnectionsWorker(Worker):  # type: ignore[misc]
    """A gunicorn worker whose connections are waitress's."""

    def run(self) -> None:
        """Serves until told to stop; then answers what has come whole, for the graceful time-out at most."""
        # It warns of each request that waits for a thread.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._map: dict[int, Any] = {}
        listener = self.sockets[0].sock
        self._server = _Listener(
            self._behind_proxies,
            map=self._map,
            _sock=listener,
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
            bind_socket=False,
            threads=self.cfg.threads,
            channel_timeout=self.cfg.keepalive,
            cleanup_interval=_LOOP_SECONDS,
            connection_limit=2 * MOST_CONNECTIONS,
            max_request_header_size=_MOST_HEADER_BYTES,
            # Longer than the API's own limit, so that a body that is too long gets our answer (http/request_size.py).
            max_request_body_size=4 * MOST_BODY_BYTES,
            inbuf_overflow=MOST_BODY_BYTES,
            clear_untrusted_proxy_headers=False,
            ident="corbi-monitoring",
        )
        while self.alive and self.ppid == os.getppid():
            self._turn()
        self._server.accepting = False
        until = time.monotonic() + self.cfg.graceful_timeout
        while time.monotonic() < until and any(c.is_answered_now for c in self._server.active_channels.values()):
            self._turn()

    def handle_exit(self, sig: int, frame: object) -> None:
        super().handle_exit(sig, frame)
        if hasattr(self, "_server"):
            self._server.pull_trigger()

    def _turn(self) -> None:
        self.notify()
        wasyncore.loop(timeout=_LOOP_SECONDS, use_poll=True, map=self._map, count=1)

    def _behind_proxies(self, environ: dict[str, Any], start_response: Any) -> Any:
        """The application, which hears from FORWARDED_ALLOW_IPS that the client speaks https."""
        if environ.get("HTTP_X_FORWARDED_PROTO") == "https" and self._is_trusted(environ["REMOTE_ADDR"]):
            environ["wsgi.url_scheme"] = "https"
        return self.wsgi(environ, start_response)

    def _is_trusted(self, address: str) -> bool:
        networks = self.cfg.forwarded_allow_networks()
        return "*" in self.cfg.forwarded_allow_ips or any(ipaddress.ip_address(address) in one for one in networks)


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    def parse_header(self, header_plus: bytes) -> None:
        """Raises ParsingError, which is a 400, also for names that other servers take for what they set themselves."""
        if _SERVERS_OWN.search(header_plus):
            raise ParsingError("SCRIPT_NAME and PATH_INFO are no headers of a request")
        super().parse_header(header_plus)


class _Answer(WSGITask):  # type: ignore[misc]
    def set_close_on_finish(self) -> None:
        """Not over a 304 or 204: it has no length and ends with its header, for which waitress would close."""
        wants_end = self.version == "1.0" or self.request.headers.get("CONNECTION", "").lower() == "close"
        if self.has_body or self.wrote_header or wants_end:
            super().set_close_on_finish()


class _Connection(HTTPChannel):  # type: ignore[misc]
    """Has `channel_timeout` seconds from its opening, or its last answer, to bring a whole request.

    waitress alone lets each byte begin that time anew.
    """

    parser_class = _Parser
    task_class = _Answer
    last_activity: float
    _idle_since = 0.0

    def __init__(self, server: BaseWSGIServer, *arguments: Any, **named: Any) -> None:
        super().__init__(server, *arguments, **named)
        if len(server.active_channels) > MOST_CONNECTIONS:
            waiting = (one for one in server.active_channels.values() if not (one.will_close or one.is_answered_now))
            oldest = next(waiting, None)
            if oldest:
                oldest.will_close = True

    @property
    def is_answered_now(self) -> bool:
        return bool(self.requests or self.total_outbufs_len)

    def handle_read(self) -> None:
        self._idle_since = self.last_activity
        super().handle_read()

    def received(self, data: bytes) -> bool:
        # Before a thread may answer, which is what moves the time on.
        self.last_activity = self._idle_since
        return bool(super().received(data))


class _Listener(TcpWSGIServer):  # type: ignore[misc]
    """Takes all connections that wait in one turn of the loop; waitress takes one, and a turn looks at each it has."""

    channel_class = _Connection
    _has_more = False

    def handle_accept(self) -> None:
        self._has_more = True
        while self._has_more:
            super().handle_accept()

    def accept(self) -> tuple[socket.socket, Any] | None:
        self._has_more = False
        accepted: tuple[socket.socket, Any] | None = super().accept()
        self._has_more = accepted is not None
        return accepted
