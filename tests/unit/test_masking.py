"""Masking: what must not survive it, what must, and that Python and DuckDB do the same.

Belongs here: claims about templates. Does not: what a template means (test_failure_reasons.py).
"""

import random
from collections import defaultdict
from collections.abc import Iterator

import duckdb
import hypothesis
import pytest
from hypothesis import strategies as st

from demo.texts import render, texts
from tests.unit.failure_texts import INDEPENDENT, WRITTEN_BY
from warehouse.failure_reasons.masking import MAX_LENGTH, READ_LENGTH, mask, mask_sql

EMAILS = (
    "mario.rossi@example.it",
    "o'neil+news@sub.example.co.uk",
    "MARIO.ROSSI@EXAMPLE.IT",
    "josé@exämple.it",
    "100234567@qq.example",
    '"mario rossi"@example.it',
    "bounce+SRS=ab12=CD=example.it=mario@mx.example.org",
    "mario@[192.0.2.1]",
)
PHONES = (
    "+393401234567",
    "00393401234567",
    "3401234567",
    "+39 340 1234567",
    "+44 20 7946 0958",
    "+1-202-555-0143",
    "(202) 555-0143",
    "340 123 4567",
    "340 12 34 567",
)
ADDRESSES = (
    "198.51.100.23",
    "2001:db8::25",
    "2a00:1450:4001:81b::200e",
    "fe80::abcd",
    "2001:0db8:85a3:0000:0000:8a2e:0370:7334",
)
HOSTS = (
    "mx1.example.org",
    "gmail-smtp-in.l.example.com",
    "AM0EUR02FT011.eop-EUR02.prod.protection.example.com",
    "MAIL.EXAMPLE.IT",
    "xn--exmple-cua.it",
    "smtp-35.iol.local",
    "mail.example.org:25",
)
URLS = (
    "https://support.example.com/mail/?p=NoSuchUser",
    "http://198.51.100.23/why?r=1&ip=198.51.100.23",
    "HTTPS://EXAMPLE.COM".lower() + "/Path",
    "smtp://mx.example.org:25",
)
URLS_OF_WHICH_SOMETHING_STAYS = (
    "https://www.spamhaus.org/query/ip/198.51.100.23",
    "https://check.spamhaus.org/listed/?searchterm=mario.rossi@example.it",
    "https://www.twilio.com/docs/errors/21211?to=+393401234567",
    "http://spamcop.example.it/mario.rossi/393401234567",
)
IDS = (
    "4fb4d7f45d1cf-5bebfa0d2a3si1182843a12.11",
    "SM0123456789abcdef0123456789abcdef",
    "wamid.HBgLMzkzNDAxMjM0NTY3FQIAERgSMEE1",
    "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    "1rAbCd-0003Xy-Zk",
    "Aj3QXapeMpqZYaeFwWhjzw.us32",
    "bot123456789:AAH-DEF1234ghIklzyx57W2v1u123ew11",
    "08DE012345678901",
    "1234567890123456789",
)
KEEPING = ("", "AUP#", "[IPTS", "IPBL", "(S", "errors/", "failed ", "status - ", "code ", "(#", "spamhaus.", "AUP#In-")
"""What makes the masking keep the digits or the name that follow, where they are as short as a code is."""
SENTENCES = (
    "550 5.1.1 {} does not exist",
    "550 5.7.1 <{}>: rejected",
    "host [{}] said: no",
    "Unable to create record: The 'To' number whatsapp:{} is not valid.",
    "b'refused by {}'",
    '{{"error":{{"message":"refused {}","code":131026}}}}',
    "refused\r\n\t{}\r\nthen",
    "{} refused",
    "no answer from {}",
)


def rendered(random_source: random.Random, text: str) -> str:
    email = f"name{random_source.randrange(999)}@host{random_source.randrange(99)}.example.org"
    return render(random_source, text, email=email, phone=f"+39{random_source.randrange(10**9, 10**10)}")


KNOWN = [known.text for known in (*WRITTEN_BY, *INDEPENDENT)]


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": "1"}) as connection:
        yield connection


def masked_by_duckdb(database: duckdb.DuckDBPyConnection, given: list[str | None]) -> list[str | None]:
    query = f"select {mask_sql('given')} from (select unnest(?::varchar[]) as given)"
    return [row[0] for row in database.execute(query, [given]).fetchall()]


def any_text() -> st.SearchStrategy[str]:
    """Texts put together from what error texts are made of, joined by what may stand between, or by nothing."""
    digits = st.text("0123456789", min_size=1, max_size=12)
    scraps = (
        "code",
        "error",
        "(#",
        "message id=",
        "Twilio ",
        "user '",
        "after ",
        "<a at 0x7f3a>",
        "zen.spamhaus.org",
        *KEEPING,
    )
    fragment = st.one_of(
        st.sampled_from(KNOWN),
        st.sampled_from([word for text in KNOWN for word in text.split()]),
        st.sampled_from(EMAILS + PHONES + ADDRESSES + HOSTS + URLS + URLS_OF_WHICH_SOMETHING_STAYS + IDS + scraps),
        digits,
        st.lists(digits, min_size=2, max_size=5).map(".".join),
        st.text("abcdefXYZ0123456789-_+/=", min_size=1, max_size=60),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
        st.sampled_from(
            ['"type":"OAuthException",', "\x01", "\xa0", "\u2028", "\\r\\n", "\r\n", "  ", "é", "日本", "😀"]
        ),
    )
    joint = st.sampled_from([" ", " ", "", ": ", ",", "<", ">", "[", "]", "(", ")", "'", '"', "=", ".", "-", "\n"])
    return st.lists(st.tuples(fragment, joint), max_size=25).map(lambda parts: "".join(map("".join, parts)))


@hypothesis.settings(max_examples=150, deadline=None, database=None, derandomize=True)
@hypothesis.given(st.lists(any_text(), min_size=20, max_size=40))
def test_python_and_duckdb_mask_any_text_alike(given: list[str]) -> None:
    with duckdb.connect(config={"threads": "1"}) as database:
        assert masked_by_duckdb(database, given) == [mask(text) for text in given]


def test_python_and_duckdb_mask_known_texts_alike(database: duckdb.DuckDBPyConnection) -> None:
    source = random.Random(7)
    given = KNOWN + [rendered(source, text.text) for text in texts() for _ in range(20)]
    assert masked_by_duckdb(database, given) == [mask(text) for text in given]


def test_a_missing_text_stays_missing_and_an_empty_one_empty(database: duckdb.DuckDBPyConnection) -> None:
    assert masked_by_duckdb(database, [None, "", "  \n "]) == [None, "", ""]


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("private", EMAILS + PHONES + ADDRESSES + HOSTS + URLS + URLS_OF_WHICH_SOMETHING_STAYS + IDS)
def test_nothing_private_survives(private: str, sentence: str) -> None:
    template = mask(sentence.format(private))
    parts = [part for part in private.replace('"', " ").replace("@", " ").split(" ") if len(part) > 3]
    assert not [part for part in (private, *parts) if part in template]


def any_private() -> st.SearchStrategy[str]:
    """An address, a telephone number, an id or a token that nobody wrote down beforehand."""
    name = st.text("abcdefghijklmnop", min_size=4, max_size=12)
    digits = st.text("0123456789", min_size=8, max_size=19)
    token = st.lists(st.tuples(name, st.text("0123456789", min_size=2, max_size=4)), min_size=2, max_size=4)
    return st.one_of(
        st.builds("{}.{}@{}.example.it".format, name, name, name),
        digits,
        digits.map("+39{}".format),
        token.map(lambda parts: "".join(map("".join, parts))),
        st.ip_addresses(v=4).map(str),
        st.builds("{}.{}.example.com".format, name, name),
        st.builds("https://www.spamhaus.org/{}/{}@example.it".format, digits, name),
    )


@hypothesis.settings(max_examples=400, deadline=None, database=None, derandomize=True)
@hypothesis.given(any_private(), st.sampled_from(KEEPING), st.sampled_from(KNOWN))
def test_nothing_private_survives_what_keeps_a_code(private: str, before: str, text: str) -> None:
    hypothesis.assume(private not in text)
    assert private not in mask(f"550 {before}{private} {text}")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("550 5.1.1 <mario@example.it> unknown", "550 5.1.1"),
        ("450 4.2.121 too fast", "4.2.121"),
        ("(#131026) Message undeliverable", "131026"),
        ('{"error":{"code":10,"error_subcode":2018278}}', '"error_subcode":2018278'),
        ("Instagram status 400: {'code': 131047}", "131047"),
        ("Twilio error 63016: outside the window", "63016"),
        ("63016", "63016"),
        ("[HTTP 400] 21211: Invalid 'To' Phone Number: +39340", "21211"),
        ("HTTP 429 error: Too Many Requests (code 20429)", "20429"),
        ("ErrorCode=30003", "30003"),
        ('{"code": "131047", "title": "no"}', '"131047"'),
        ("HTTP Error 503: Service Unavailable", "503"),
        ("[Errno 111] Connection refused", "Errno 111"),
        ("blocked using 2.0.0.127.zen.spamhaus.org", "spamhaus"),
        ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found", "RESOLVER.ADR.RecipientNotFound"),
        ("550 4.4.7 QUEUE.Expired; message expired", "QUEUE.Expired"),
        ("421 4.7.0 [IPTS04] Messages from 198.51.100.23 temporarily deferred", "[IPTS04]"),
        ("554 mx.example.com ESMTP server not available AUP#1310", "AUP#1310"),
        ("550 5.1.0 <mario@example.it> sender rejected. AUP#In-1310", "AUP#In-1310"),
        ("550 5.7.1 part of their network is on our block list (S3150).", "(S3150)"),
        ("550 https://www.spamhaus.org/query/ip/198.51.100.23", "550 spamhaus.<url>"),
        ("550 Blocked - see https://ipcheck.proofpoint.com/?ip=198.51.100.23", "proofpoint.<url>"),
        ("Not delivered, see https://www.twilio.com/docs/errors/30007", "errors/30007"),
        ("undelivered 30005", "30005"),
        ("failed - 131049", "131049"),
    ],
)
def test_a_provider_code_survives(text: str, code: str) -> None:
    assert code in mask(text)


@pytest.mark.parametrize(
    "alike",
    [
        [f"550 5.1.1 <{email}>: user unknown" for email in EMAILS],
        [f"Message to {phone} failed" for phone in PHONES],
        [f"Client host [{address}] rejected" for address in ADDRESSES],
        [f"connect to {host} failed" for host in HOSTS],
        [f"refused, see {url} for help" for url in URLS],
        [f"queue id: {identity}" for identity in IDS],
        [f"Too Many Requests: retry after {seconds}" for seconds in (3, 35, 3600)],
        [f"message size {size} exceeds limit {limit}" for size, limit in ((12, 10), (35882577, 10485760))],
        ["550 no such user\r\n", "550  no such user", " 550 no\tsuch user "],
        [
            '{"message":"no","type":"OAuthException","code":100}',
            '{"message":"no", "type": "IGApiException", "code":100}',
        ],
    ],
    ids=lambda alike: alike[0][:25],
)
def test_texts_that_differ_only_in_what_varies_share_a_template(alike: list[str]) -> None:
    assert len({mask(text) for text in alike}) == 1


def test_the_demonstration_has_about_as_many_templates_as_texts() -> None:
    source = random.Random(1)
    templates: dict[int, set[str]] = defaultdict(set)
    for text in texts():
        templates[text.id].update(mask(rendered(source, text.text)) for _ in range(200))
    assert len(set().union(*templates.values())) <= 1.1 * len(texts())


def test_masking_a_template_again_changes_nothing() -> None:
    templates = [mask(text) for text in KNOWN]
    assert [mask(template) for template in templates] == templates


def test_a_template_is_short_and_never_ends_in_half_a_code() -> None:
    long = "x " * (MAX_LENGTH // 2 - 5)
    assert mask(f'{long}"code":131026}}') == f'{long}"code":'
    assert max(len(mask(text)) for text in (*KNOWN, "no " * READ_LENGTH)) <= MAX_LENGTH
