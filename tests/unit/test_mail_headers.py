"""A mail's headers are ours whatever the texts in them are, and its subject says what the text says."""

import re
from email import message_from_string, policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alerts.notify.email import letter
from alerts.notify.headers import ADDRESS, header_block, mailbox_value, text_value
from alerts.notify.webhook import wait_asked_for
from alerts.notify.wording import headline, subject
from tests.unit.notice_messages import NOW, item, message

HEADERS = ["Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "Importance",
           "MIME-Version", "Content-Type"]  # fmt: skip
EVIL = "=?utf-8?q?x=0D=0AReply-To:_evil@example.com?="
HEADER_LIKE = st.lists(
    st.sampled_from([EVIL, "\r\n", "\n", "\r", "Bcc: a@b.c", "=?", "?=", "=?utf-8?b?DQpCY2M6IGFAYi5j?=", " ", "\t",
                     "\x85", "\u2028", "\u202e", "ü", "🙂", "x" * 70, "\N{NO-BREAK SPACE}", "_", '"', "\\", "<a@b.c>",
                     "\ud800"])
).map("".join)  # fmt: skip
TEXTS = st.text(st.characters(), max_size=300) | HEADER_LIKE


def calm(text: str) -> str:
    """What a text becomes on one line, told by ranges of characters instead of their kinds."""
    unfit = "\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
    return " ".join(re.sub(f"[{unfit}]", " ", text).split())


def headers(raw: bytes) -> list[tuple[str, str]]:
    """Names and unfolded values by the letter of RFC 5322."""
    head = raw.split(b"\r\n\r\n")[0]
    assert b"\n" not in head.replace(b"\r\n", b"")
    assert b"\r" not in head.replace(b"\r\n", b"")
    lines = re.sub(rb"\r\n(?=[ \t])", b"", head).split(b"\r\n")
    return [(name.decode("ascii"), value.decode()) for name, _, value in (line.partition(b": ") for line in lines)]


@given(organization=TEXTS, title=TEXTS, channel=TEXTS, category=TEXTS, note=TEXTS)
@example(organization=EVIL, title=EVIL, channel=EVIL, category=EVIL, note=EVIL)
def test_whatever_the_texts_are_the_headers_are_ours_and_the_subject_says_them(
    organization: str, title: str, channel: str, category: str, note: str
) -> None:
    sent = message(item(title=title, channel=channel, subject=category, note=note), organization=organization)
    found = headers(letter(sent, "ops@example.com", "Corbi <alerts@corbi.example>"))
    assert [name for name, _ in found] == HEADERS
    assert str(make_header(decode_header(dict(found)["Subject"]))) == calm(f"[{organization}] Critical - {title}")


@given(TEXTS)
def test_no_line_of_a_header_is_longer_than_mail_may_have(text: str) -> None:
    lines = header_block([("Subject", text_value("Subject", text) or "-")]).split(b"\r\n")
    assert all(len(line) <= (78 if b"=?" in line else 260) for line in lines)


@given(TEXTS)
def test_a_senders_name_is_shown_as_it_stands(name: str) -> None:
    raw = header_block([("From", mailbox_value("From", name, "alerts@corbi.example"))])
    ((_, value),) = headers(raw + b"\r\n")
    shown, address = parseaddr(value)
    assert address == "alerts@corbi.example"
    assert " ".join(str(make_header(decode_header(shown))).split()) == calm(name)


@pytest.mark.parametrize("value", ["a\nb", "a\r\nb", "a\r\n \r\n b", "", "a\0"])
def test_a_value_that_would_not_stay_one_header_is_no_header(value: str) -> None:
    with pytest.raises(ValueError, match="'X-Name' would not stay one header"):
        header_block([("X-Name", value)])


@given(st.emails())
def test_common_addresses_are_addresses(address: str) -> None:
    assert ADDRESS.fullmatch(address) or "=?" in address


@given(TEXTS)
def test_what_is_taken_for_an_address_is_read_as_that_address_alone(text: str) -> None:
    address = f"{text}@example.com"
    if ADDRESS.fullmatch(address):
        raw = header_block([("To", address)]) + b"\r\n"
        mail = message_from_string(raw.decode(), policy=policy.SMTPUTF8)
        assert [name for name, _ in headers(raw)] == ["To"]
        assert [each.addr_spec for each in mail["To"].addresses] == [address]


@given(TEXTS)
def test_a_title_and_an_organization_are_one_line_in_every_channel(text: str) -> None:
    sent = message(item(title=text), organization=text)
    assert len(headline(sent).splitlines()) == len(subject(sent).splitlines()) == 1


DATES = ["Mon, 01 Jun 2026 12:02:00 GMT", "Mon, 01 Jun 9999 12:02:00 -2359", "Mon, 01 Jun 0001 00:00:00 +2359",
         "Mon, 01 Jun 2026 12:02:00 +99999999999999999999"]  # fmt: skip


@given(st.text(max_size=50) | st.from_regex(r"[0-9]{1,400}", fullmatch=True) | st.sampled_from(DATES))
def test_whatever_a_receiver_asks_for_is_nothing_or_a_day_at_most(given: str) -> None:
    asked = wait_asked_for(given, NOW)
    assert asked is None or 0 <= asked.total_seconds() <= 86400
