"""Sends a message as a mail, one to each address.

Belongs here: which headers a mail has, the mail server's words and what they mean. Does not: how a header is written
(headers.py), the letter (letter.py), retrying.
All mails about an alert are one thread: each answers the ones before it (RFC 5322, 3.6.4).
"""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from uuid import UUID

from alerts.notify.headers import ADDRESS, header_block, mailbox_value, text_value
from alerts.notify.letter import html_of, text_of
from alerts.notify.message import Address, Message
from alerts.notify.transport import NotSentError
from alerts.notify.wording import is_over, latest, one_line, subject
from alerts.vocabulary import Severity

_UTF8 = ("SMTPUTF8", "BODY=8BITMIME")
"""What a server is asked for where an address is not ASCII (RFC 6531)."""


@dataclass(frozen=True)
class MailServer:
    """Where mails are handed over; `tls` is starttls, tls or none; `host` None: nowhere yet."""

    host: str | None
    port: int
    tls: str
    user: str | None
    password: str | None = field(repr=False)
    sender: str
    timeout_seconds: float


class Email:
    """Hands mails to one server."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    def send(self, address: Address, message: Message, now: datetime) -> None:
        """Returns when the server has taken the mail. Raises NotSentError."""
        if self._server.host is None:
            raise NotSentError("CORBI_SMTP_HOST is not set", is_permanent=False)
        if not ADDRESS.fullmatch(address.value):
            raise NotSentError("this is not one mail address", is_permanent=True)
        mail = letter(message, address.value, self._server.sender)
        sender = parseaddr(self._server.sender)[1]
        options = () if f"{sender}{address.value}".isascii() else _UTF8
        try:
            with self._opened(self._server.host) as server:
                server.sendmail(sender, [address.value], mail, options)
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise _refused(code, said) from error
        except smtplib.SMTPAuthenticationError as error:
            # The mail isn't to blame: when the login is set right it goes out.
            raise NotSentError(f"SMTP {error.smtp_code}: the login was refused", is_permanent=False) from error
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code, error.smtp_error) from error
        except TimeoutError as error:
            raise NotSentError("the mail server did not answer in time", is_permanent=False) from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotSentError(f"no connection to the mail server: {error}", is_permanent=False) from error

    @contextmanager
    def _opened(self, host: str) -> Iterator[smtplib.SMTP]:
        timeout, context = self._server.timeout_seconds, ssl.create_default_context()
        server = (
            smtplib.SMTP_SSL(host, self._server.port, _own_name(), timeout=timeout, context=context)
            if self._server.tls == "tls"
            else smtplib.SMTP(host, self._server.port, _own_name(), timeout=timeout)
        )
        try:
            if self._server.tls == "starttls":
                server.starttls(context=context)
            if self._server.user:
                server.login(self._server.user, self._server.password or "")
            yield server
            # The mail is taken: how the server takes leave must not make it be sent again.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            server.close()


@cache
def _own_name() -> str:
    """What we call ourselves to a mail server: asked for once, since a slow resolver would delay each mail."""
    return socket.getfqdn()


def letter(message: Message, recipient: str, sender: str) -> bytes:
    """The mail, the same each time it is made."""
    return header_block(_headers(message, recipient, sender)) + _content(message)


def _headers(message: Message, recipient: str, sender: str) -> Iterator[tuple[str, str]]:
    name, address = parseaddr(sender)
    domain = address.rpartition("@")[2]
    yield "Subject", text_value("Subject", subject(message))
    yield "From", mailbox_value("From", name, address)
    yield "To", recipient
    yield "Date", format_datetime(message.at)
    yield "Message-ID", message_id(message.key, domain)
    if message.earlier:
        yield "In-Reply-To", message_id(message.earlier[-1], domain)
        yield "References", "\r\n ".join(message_id(key, domain) for key in message.earlier)
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "All"
    if any(item.alert.severity is Severity.CRITICAL and not is_over(item) for item in latest(message.items)):
        yield "Importance", "high"


def _content(message: Message) -> bytes:
    """The letter as text and as HTML, with the headers that say so: the only ones Python writes."""
    content = EmailMessage(policy=SMTP)
    content.set_content(text_of(message))
    content.add_alternative(html_of(message), subtype="html")
    content.set_boundary(f"corbi-{message.key}")
    return content.as_bytes()


def message_id(key: UUID, domain: str) -> str:
    """The Message-ID of a key: the same mail has the same one, so a receiver that knows it drops the second."""
    return f"<{key}@{domain}>"


def _refused(code: int, said: bytes | str) -> NotSentError:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return NotSentError(f"SMTP {code} {one_line(text)[:200]}", is_permanent=500 <= code < 600)
