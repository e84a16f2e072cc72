"""Blanks, words and channels are the same in DuckDB, in PostgreSQL and in Python, and no free text passes for a word.

Belongs here: claims about warehouse/source/words.py, asked of both real engines, and of what a pass makes of odd texts.
Does not: masking by itself (tests/unit/test_masking*.py).
"""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import duckdb
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from demo.traffic.rows import Rows
from tests.integration.platform_writer import PlatformWriter, open_connection
from warehouse.lake.connection import open_lake
from warehouse.refresh import refresh
from warehouse.settings import Settings
from warehouse.source.tables import SOURCE_TABLES
from warehouse.source.words import BLANKS, channel, channel_at_source, stripped, stripped_at_source, word
from warehouse.verify import verify

NOW = datetime.now(UTC)
WHITE_SPACE = [chr(point) for point in range(sys.maxunicode + 1) if chr(point).isspace()]
AROUND = [
    f"{before}{inner}{after}"
    for blank in WHITE_SPACE
    for before, inner, after in (
        (blank, "Failed", ""),
        ("", "Failed", blank),
        (blank * 2, f"a{blank}b", blank),
        (blank, "", ""),
    )
]
Ask = Callable[[str, list[str]], list[str]]


@pytest.fixture(scope="module")
def duck() -> Iterator[Ask]:
    with duckdb.connect() as connection:

        def ask(expression: str, given: list[str]) -> list[str]:
            query = f"select {expression} from (select unnest(?::varchar[]) as x)"
            return [row[0] for row in connection.execute(query, [given]).fetchall()]

        yield ask


@pytest.fixture(scope="module")
def postgres(new_database: Callable[[], str]) -> Iterator[Ask]:
    with psycopg.connect(new_database()) as connection:

        def ask(expression: str, given: list[str]) -> list[str]:
            query = f"select {expression} from unnest(%(given)s::text[]) with ordinality as t (x, n) order by n"
            return [row[0] for row in connection.execute(query.encode(), {"given": given}).fetchall()]

        yield ask


def test_every_white_space_of_unicode_is_a_blank_in_both_engines(duck: Ask, postgres: Ask) -> None:
    assert list(BLANKS) == WHITE_SPACE
    expected = [text.strip() for text in AROUND]
    assert duck(stripped("x"), AROUND) == expected
    assert postgres(stripped_at_source("x"), AROUND) == expected


def test_what_is_no_white_space_stays(duck: Ask, postgres: Ask) -> None:
    others = [f"{chr(point)}x{chr(point)}" for point in range(1, 0x3100) if not chr(point).isspace()]
    assert duck(stripped("x"), others) == others
    assert postgres(stripped_at_source("x"), others) == others


odd_texts = st.lists(
    st.lists(
        st.sampled_from([*"aZ7 _-:+.@éİ\u017f", *BLANKS, "Email", "whatsapp", "sms", "12"]),
        max_size=8,
    ).map("".join)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=80),
    min_size=50,
    max_size=80,
)  # fmt: skip


@settings(max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(odd_texts)
def test_both_engines_take_any_text_for_the_same_channel(duck: Ask, postgres: Ask, texts: list[str]) -> None:
    assert duck(channel("x"), texts) == postgres(channel_at_source("x"), texts)


@settings(max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(odd_texts)
def test_a_word_has_neither_sign_nor_number_and_keeps_what_it_says(duck: Ask, texts: list[str]) -> None:
    for text, found in zip(texts, duck(word("x"), texts), strict=True):
        assert sum(character.isdigit() for character in found) <= 3
        assert not set(found) & set("@:+./\n\t")
        assert found in (text.strip().lower(), "other")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("sms", "sms"),
        ("Facebook", "facebook"),
        ("Google Business Messages", "google business messages"),
        ("line-2", "line-2"),
        ("Email\n", "email"),
        ("\xa0WhatsApp\u3000", "whatsapp"),
        ("whatsapp:+393331234567", "whatsapp"),
        ("whatsapp : +393331234567", "whatsapp"),
        ("+393331234567", "other"),
        ("call 06 12 34 56", "other"),
        ("anna@example.org", "other"),
        ("{'to': 'Anna'}", "other"),
        ("x" * 65, "other"),
        (" \n", ""),
        ("", ""),
    ],
)
def test_a_channel_is_any_short_word_and_never_an_address(written: str, meant: str, duck: Ask, postgres: Ask) -> None:
    assert duck(channel("x"), [written]) == [meant]
    assert postgres(channel_at_source("x"), [written]) == [meant]


def write_oddly(settings: Settings) -> None:
    """Rows whose every short text has blanks around it, other case, or somebody's address in it."""
    at = NOW - timedelta(hours=3)
    with open_connection(settings.required("source_url"), autocommit=True) as connection:
        PlatformWriter(connection, NOW).people()
        rows = Rows(connection)
        times = {"created_at": at, "updated_at": at}
        for text, status in (
            ("Email\n", "Failed\n"),
            ("\xa0sms ", "\u2003SENT"),
            ("whatsapp:+393331234567", "sent\xa0"),
        ):
            rows.insert(
                "messaging_outboundmessage", channel=text, body="", trace_id="", status=status, contact_id=1,
                organization_id=1, error="\u2003", **times,
            )  # fmt: skip
            rows.insert(
                "messaging_providerevent", provider_message_id="m ", channel=text, status=f"{status} to +393331234567",
                payload={}, latency_ms=1, received_at=at, organization_id=1,
            )  # fmt: skip
            rows.insert(
                "messaging_inboundmessage", channel=text, payload={}, received_at=at, created_at=at, organization_id=1,
            )  # fmt: skip
        rows.insert(
            "messaging_telegrammessage", chat_id="7", direction="Outbound\n", text="", status="", created_at=at,
            contact_id=1, organization_id=1, telegram_message_id=" \xa0",
        )  # fmt: skip
        job = rows.insert(
            "messaging_emailjob", subject="News", status="sent\n", total_recipients=5, organization_id=1, **times
        )
        for error in ("Bounce", "BOUNCED", " bounce\n", "\xa0Dropped", "SpamReport\u2003"):
            rows.insert(
                "messaging_emailrecipient", email=f"{error.strip()}@example.org", full_name="", status="FAILED\n",
                error=error, signed_token="", job_id=job, provider_message_id=" ", **times,
            )  # fmt: skip
        rows.insert(
            "billing_billinglog", timestamp=at, feature_tag="reply to anna@example.org", model="small", request_id="r",
            status="failed\n", error="", organization_id=1, **times,
        )  # fmt: skip
        connection.execute(
            "insert into monitoring_monitoringalert (category, severity, message, metadata, is_acknowledged,"
            " created_at, organization_id) values"
            " ('send_failure +393331234567', 'Error\n', 'no contact \"Anna Rossi\"', %s, false, %s, 1)",
            (Jsonb({"channel": "whatsapp:+393331234567"}), at),
        )


def test_a_pass_over_odd_texts_is_proved_exact_and_keeps_no_address(empty_platform: Settings) -> None:
    write_oddly(empty_platform)
    refresh(empty_platform)
    assert verify(empty_platform).differences == ()
    with open_lake(empty_platform, read_only=True) as lake:
        kept = str([lake.execute(f"from lake.raw.{table.raw}").fetchall() for table in SOURCE_TABLES])
        messages = lake.execute("select channel, state, template from lake.raw.outbound_message order by id").fetchall()
        alert = lake.execute("select category, severity, channel from lake.raw.monitoring_alert").fetchone()
        telegram = lake.execute("select direction, state from lake.raw.telegram_message").fetchone()
        ended = lake.execute("select sum(bounced), sum(dropped), sum(spam) from lake.rollup.email_job_day").fetchone()
    assert messages == [("email", "failed", None), ("sms", "sent", None), ("whatsapp", "sent", None)]
    assert alert == ("send_failure <number>", "error", "whatsapp")
    assert telegram == ("outbound", "queued")
    assert ended == (3, 1, 1)
    assert "3933312" not in kept
    assert "anna" not in kept.lower()
