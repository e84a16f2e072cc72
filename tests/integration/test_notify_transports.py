"""What each transport sends, checked by code of its own, and what it makes of every kind of refusal."""

import hashlib
import hmac
import json
import logging
import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import to_json

from alerts.delivery.targets import Channel, redacted
from alerts.delivery.transports import transports
from alerts.notify.email import Email, MailServer
from alerts.notify.message import Address, Message
from alerts.notify.services import Services
from alerts.notify.transport import NotSentError
from alerts.notify.webhook import Webhook, payload
from tests.integration.receivers import HANG, Hook, Mailbox, http_server, mail_server
from tests.unit.notice_messages import KEY, NOW, item, message
from warehouse.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "alerts-notifications.md"
SECRET = "a long secret that both sides know"


@pytest.fixture
def hook() -> Iterator[Hook]:
    with http_server() as running:
        yield running


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as running:
        yield running


def email(port: int, tls: str = "none", user: str | None = None) -> Email:
    return Email(MailServer("127.0.0.1", port, tls, user, "pw", "Corbi <alerts@corbi.example>", 1.0))


HEADERS = ["Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "Importance",
           "MIME-Version", "Content-Type"]  # fmt: skip


def header_names(raw: bytes) -> list[str]:
    """The names of a mail's headers by RFC 5322: a line that begins with a blank goes on with the last one."""
    head = raw.split(b"\r\n\r\n")[0]
    return [line.split(b":")[0].decode("ascii") for line in head.split(b"\r\n") if line[:1] not in b" \t"]


def refusal(send: Email | Webhook | Services, address: Address, sent: Message | None = None) -> NotSentError:
    with pytest.raises(NotSentError) as refused:
        send.send(address, sent or message(), NOW)
    return refused.value


def test_the_signature_is_the_hmac_of_timestamp_and_body(hook: Hook) -> None:
    Webhook(2).send(Address(hook.url, SECRET), message(), NOW)
    (call,) = hook.calls
    signed = call.headers["x-corbi-timestamp"].encode() + b"." + call.body
    expected = "v1=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(call.headers["x-corbi-signature"], expected)
    assert int(call.headers["x-corbi-timestamp"]) == int(NOW.timestamp())
    assert call.headers["idempotency-key"] == str(KEY)


def in_docs(language: str, number: int = 0) -> str:
    """A block of the page that describes all this."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[number]


def test_the_example_in_the_docs_accepts_our_signature_and_no_other(hook: Hook) -> None:
    Webhook(2).send(Address(hook.url, SECRET), message(), datetime.now(UTC))
    (call,) = hook.calls
    headers = {name: call.headers[name.lower()] for name in ("X-Corbi-Timestamp", "X-Corbi-Signature")}
    example: dict[str, Any] = {}
    exec(in_docs("python"), example)
    assert example["is_ours"](SECRET, headers, call.body)
    assert not example["is_ours"](SECRET, headers, call.body + b" ")
    assert not example["is_ours"]("another", headers, call.body)
    assert not example["is_ours"](SECRET, {**headers, "X-Corbi-Timestamp": "1"}, call.body)


def keys(document: object, path: str = "") -> set[str]:
    if isinstance(document, list):
        return set[str]().union(*(keys(entry, path + "[]") for entry in document))
    if not isinstance(document, dict) or path.endswith((".applied", ".details")):
        return {path}
    return set[str]().union(*(keys(value, f"{path}.{name}") for name, value in document.items()))


def test_the_payload_in_the_docs_has_the_fields_we_send() -> None:
    assert keys(json.loads(in_docs("json"))) == keys(json.loads(to_json(payload(message(item())))))


def test_without_a_secret_nothing_is_signed(hook: Hook) -> None:
    Webhook(2).send(Address(hook.url), message(), NOW)
    assert "x-corbi-signature" not in hook.calls[0].headers


def test_the_payload_holds_the_whole_alert_and_where_to_look(hook: Hook) -> None:
    Webhook(2).send(Address(hook.url), message(item()), NOW)
    told = json.loads(hook.calls[0].body)
    assert (told["version"], told["type"], told["id"]) == (1, "alerts", str(KEY))
    (notice,) = told["notices"]
    assert notice["kind"] == "opened"
    assert notice["at"] == "2026-06-01T12:00:00Z"
    assert notice["links"]["dashboard"] == "https://dash.example.com/alerts/?org=3&id=1"
    assert {"value", "threshold", "peak", "count", "rule", "channel", "details", "first_seen"} <= set(notice["alert"])


@pytest.mark.parametrize(
    ("status", "is_permanent"),
    [(400, True), (401, True), (403, True), (404, True), (410, True), (301, True), (307, True), (408, False),
     (425, False), (429, False), (500, False), (502, False), (503, False)],
)  # fmt: skip
def test_an_http_answer_says_whether_it_may_be_accepted_later(hook: Hook, status: int, is_permanent: bool) -> None:
    hook.script = [(status, {}, b"said so")]
    error = refusal(Webhook(2), Address(hook.url))
    assert error.is_permanent == is_permanent
    assert str(error).startswith(f"HTTP {status}")


def test_a_redirect_is_not_followed(hook: Hook) -> None:
    hook.script = [(302, {"Location": hook.url}, b"")]
    assert "not followed" in str(refusal(Webhook(2), Address(hook.url)))
    assert len(hook.calls) == 1


@pytest.mark.parametrize("given", ["120", "Mon, 01 Jun 2026 12:02:00 GMT"])
def test_retry_after_is_read_as_seconds_or_as_a_date(hook: Hook, given: str) -> None:
    hook.script = [(503, {"Retry-After": given}, b"")]
    assert refusal(Webhook(2), Address(hook.url)).retry_after == timedelta(seconds=120)


@pytest.mark.parametrize("given", ["86401", "9" * 5000, "Tue, 01 Jun 2027 12:00:00 GMT"])
def test_nobody_makes_us_wait_longer_than_a_day(hook: Hook, given: str) -> None:
    hook.script = [(429, {"Retry-After": given}, b"")]
    assert refusal(Webhook(2), Address(hook.url)).retry_after == timedelta(days=1)


def test_little_of_a_long_answer_is_read(hook: Hook) -> None:
    hook.script = [(500, {}, b"x" * 1_000_000)]
    assert len(str(refusal(Webhook(2), Address(hook.url)))) < 300


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.com/x", "gopher://127.0.0.1/", "//example.com"])
def test_only_http_is_spoken(url: str) -> None:
    assert refusal(Webhook(2), Address(url)).is_permanent


def test_a_receiver_that_hangs_or_is_not_there_is_tried_later_and_its_address_is_not_told(hook: Hook) -> None:
    hook.script = [HANG]
    late = refusal(Webhook(0.3), Address(hook.url))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = refusal(Webhook(1), Address(f"http://127.0.0.1:{probe.getsockname()[1]}/a-secret-path"))
    for error in (late, nobody):
        assert not error.is_permanent
        assert "a-secret-path" not in str(error)


def test_a_mail_has_text_and_html_and_says_who_it_is_from(mailbox: Mailbox) -> None:
    email(mailbox.port).send(Address("ops@example.com"), message(item()), NOW)
    (mail,) = mailbox.mails
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert (mail["From"], mail["To"]) == ("Corbi <alerts@corbi.example>", "ops@example.com")
    assert mail["Message-ID"] == f"<{KEY}@corbi.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(mail["Date"]) == NOW
    assert mailbox.recipients == ["ops@example.com"]


HIDDEN = "=?utf-8?q?x=0D=0AReply-To:_evil@example.com=0D=0ABcc:_victim@example.com?="


@pytest.mark.parametrize("evil", ["x\r\nBcc: victim@example.com", "A\nBcc: victim@example.com", HIDDEN, f"ü {HIDDEN}"])
def test_a_name_or_title_can_not_add_headers(mailbox: Mailbox, evil: str) -> None:
    email(mailbox.port).send(Address("ops@example.com"), message(item(title=evil), organization=evil), NOW)
    assert header_names(mailbox.raw[0]) == HEADERS
    assert mailbox.recipients == ["ops@example.com"]


def test_what_looks_like_an_encoded_word_is_read_as_it_stands(mailbox: Mailbox) -> None:
    email(mailbox.port).send(Address("ops@example.com"), message(item(title="T"), organization=HIDDEN), NOW)
    subject = re.sub(rb"\r\n[ \t]", b" ", mailbox.raw[0].split(b"Subject: ")[1].split(b"\r\nFrom: ")[0])
    assert str(make_header(decode_header(subject.decode("ascii")))) == f"[{HIDDEN}] Critical - T"


def test_an_address_outside_ascii_is_told_to_a_server_that_takes_it(mailbox: Mailbox) -> None:
    email(mailbox.port).send(Address("jörg@bücher.example"), message(), NOW)
    assert mailbox.recipients == ["jörg@bücher.example"]
    assert "\r\nTo: jörg@bücher.example\r\n".encode() in mailbox.raw[0]


@pytest.mark.parametrize(
    "address",
    ["a@example.com\r\nBcc: b@example.com", "=?utf-8?q?a?=@example.com", "a@b.example, c@d.example", "\0@b.c"],
)
def test_what_is_not_one_address_gets_no_mail_for_good(mailbox: Mailbox, address: str) -> None:
    assert refusal(email(mailbox.port), Address(address)).is_permanent
    assert mailbox.attempts == 0


@pytest.mark.parametrize("path", ["\r\nX-Evil: 1", "%0d%0aX-Evil:%201", " X\nX-Evil: 1"])
def test_a_webhooks_address_can_not_add_headers(hook: Hook, path: str) -> None:
    Webhook(2).send(Address(hook.url + path, SECRET), message(), NOW)
    assert "x-evil" not in hook.calls[0].headers


def test_a_mail_that_apprise_writes_shows_the_subject_as_it_stands(mailbox: Mailbox) -> None:
    address = f"mailto://127.0.0.1:{mailbox.port}/?from=alerts@corbi.example&to=ops@example.com&mode=insecure"
    Services(5).send(Address(address), message(item(title="T"), organization=HIDDEN), NOW)
    (mail,) = mailbox.mails
    assert mail["Bcc"] is None
    assert "evil@example.com" not in str(mail["Reply-To"])
    assert mail["Subject"].replace("\N{WORD JOINER}", "") == f"[{HIDDEN}] Critical - T"


@pytest.mark.parametrize(("answer", "is_permanent"), [("450 later", False), ("421 bye", False), ("554 never", True)])
def test_a_mail_servers_answer_says_whether_it_may_be_accepted_later(
    mailbox: Mailbox, answer: str, is_permanent: bool
) -> None:
    mailbox.script = [answer]
    error = refusal(email(mailbox.port), Address("ops@example.com"))
    assert (error.is_permanent, str(error)) == (is_permanent, f"SMTP {answer}")


def test_a_mail_server_without_the_tls_or_login_that_is_set_gets_no_mail_and_the_mail_waits(mailbox: Mailbox) -> None:
    for broken in (email(mailbox.port, tls="starttls"), email(mailbox.port, user="me")):
        assert not refusal(broken, Address("ops@example.com")).is_permanent
    assert mailbox.mails == []


def test_mail_without_a_server_waits_until_one_is_set() -> None:
    nowhere = Email(MailServer(None, 25, "none", None, None, "a@b.example", 1.0))
    error = refusal(nowhere, Address("ops@example.com"))
    assert (error.is_permanent, str(error)) == (False, "CORBI_SMTP_HOST is not set")


def service(hook: Hook) -> str:
    return f"json://127.0.0.1:{hook.port}/a-secret-path"


def test_a_service_gets_title_text_and_kind(hook: Hook) -> None:
    Services(2).send(Address(service(hook)), message(item()), NOW)
    told = json.loads(hook.calls[0].body)
    assert told["title"] == "[Alpine Travel] Critical - 12.4 % of e-mails bounce"
    assert "518 of 4,180 bounced." in told["message"]
    assert told["type"] == "failure"


@pytest.mark.parametrize(("status", "is_permanent"), [(404, True), (429, False), (503, False)])
def test_a_services_status_says_whether_it_may_be_accepted_later(hook: Hook, status: int, is_permanent: bool) -> None:
    hook.script = [(status, {}, b"")]
    error = refusal(Services(2), Address(service(hook)))
    assert (error.is_permanent, str(error)) == (is_permanent, f"HTTP {status}")


def test_an_apprise_url_that_means_nothing_is_refused_for_good() -> None:
    assert refusal(Services(2), Address("nothing://at-all")).is_permanent


def test_logs_at_their_most_talkative_hold_no_address(hook: Hook, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        all_of_them = transports(Settings(alerts_send_timeout_seconds=2, _env_file=None))
        all_of_them[Channel.WEBHOOK].send(Address(hook.url, SECRET), message(), NOW)
        all_of_them[Channel.SERVICE].send(Address(service(hook)), message(item()), NOW)
    assert len(hook.calls) == 2
    assert "a-secret-path" not in caplog.text


@pytest.mark.parametrize(
    ("channel", "address", "shown"),
    [
        (Channel.EMAIL, "ops@example.com", "ops@example.com"),
        (Channel.WEBHOOK, "https://u:p@hooks.example.com:8443/T0/B1/xyz?token=abc", "https://hooks.example.com:8443/…"),
        (Channel.SERVICE, "slack://TokenA/TokenB/TokenC/#ops", "slack://…"),
    ],
)
def test_an_address_is_shown_without_what_gives_access(channel: Channel, address: str, shown: str) -> None:
    assert redacted(channel, address) == shown
    assert address not in repr(Address(address, SECRET))
    assert SECRET not in repr(Address(address, SECRET))
