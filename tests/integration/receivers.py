"""Who receives notifications in tests: a real mail server and a real HTTP server that fail, hang and come back.

Belongs here: the servers, and what they got. Does not: claims. An answer that is scripted is given once, in its turn;
when none is left, everything is accepted.
"""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HANG = "hang"
CLOSE = "close"


@dataclass
class Mailbox:
    """Mails that were accepted, in order, and their bytes as they came.

    `script` holds answers to DATA (`450 later`), HANG, or an empty text.
    `holds_after_data` keeps the answer back after a mail was taken.
    """

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    script: list[str] = field(default_factory=list)
    quit_answer: str = "221 bye"
    recipients: list[str] = field(default_factory=list)
    holds_after_data: bool = False
    taken: threading.Event = field(default_factory=threading.Event)
    attempts: int = 0

    @property
    def by_id(self) -> dict[str, EmailMessage]:
        """What a receiver keeps that drops a mail whose Message-ID it knows."""
        return {mail["Message-ID"]: mail for mail in self.mails}

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.attempts += 1
        answer = self.script.pop(0) if self.script else ""
        if answer == HANG:
            await asyncio.sleep(5)
            return "421 too late"
        if answer:
            return answer
        self.recipients += envelope.rcpt_tos
        content = envelope.content or b""
        assert isinstance(content, bytes)
        self.raw.append(content)
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.taken.set()
        while self.holds_after_data:
            await asyncio.sleep(0.05)
        return "250 taken"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        return self.quit_answer


@contextmanager
def mail_server(port: int = 0) -> Iterator[Mailbox]:
    """A mail server on a port of its own (or the one given), until the block ends."""
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port or _free_port())
    controller.start()
    mailbox.port = controller.port
    try:
        yield mailbox
    finally:
        controller.stop()


@dataclass(frozen=True)
class Call:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Hook:
    """Requests that came, in order; `script` holds (status, headers, body) to answer with, HANG or CLOSE."""

    port: int = 0
    calls: list[Call] = field(default_factory=list)
    script: list[tuple[int, dict[str, str], bytes] | str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    arrivals: SimpleQueue[Call] = field(default_factory=SimpleQueue)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/a-secret-path"

    @property
    def by_key(self) -> dict[str, Call]:
        """What a receiver keeps that drops a call whose key it knows."""
        return {call.headers["idempotency-key"]: call for call in self.calls}


@contextmanager
def http_server() -> Iterator[Hook]:
    """An HTTP server on a port of its own, until the block ends; what hangs is let go then."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            call = Call(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            hook.calls.append(call)
            hook.arrivals.put(call)
            answer = hook.script.pop(0) if hook.script else (204, {}, b"")
            if answer == HANG:
                hook.released.wait(30)
            if isinstance(answer, str):
                self.close_connection = True
                return
            status, headers, text = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        hook.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
