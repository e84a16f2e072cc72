"""Live traffic writes what the platform writes, on every channel, and goes on after a lost connection."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from demo.history import fill
from demo.schema import create_schema
from demo.traffic import run_traffic
from demo.traffic.directory import NobodyThereError

START = datetime(2026, 3, 4, 11, 30, tzinfo=UTC)
SPEED = 1_200

# Each must find nothing.
IMPOSSIBLE = {
    "what the provider accepted has a sending time": """
        select from messaging_outboundmessage where status in ('sent', 'delivered', 'read') and sent_at is null""",
    "what fails has a time and a reason": """
        select from messaging_outboundmessage where status = 'failed' and (failed_at is null or error = '')""",
    "Instagram speaks in capitals": """
        select from messaging_instagrammessage where status not in ('SENT', 'FAILED', 'RECEIVED')""",
    "a recipient's status is one of five, read ones have a time": """
        select from messaging_emailrecipient
        where status not in ('queued', 'sent', 'failed', 'skipped', 'read') or (status = 'read' and read_at is null)""",
    "inbound Instagram messages are in their own table alone": """
        select from messaging_inboundmessage where channel not in ('whatsapp', 'telegram')""",
    "a campaign's recipient is never behind its e-mail": """
        select from messaging_campaignrecipient as recipient
        join messaging_emailjob as job using (campaign_id)
        join messaging_emailrecipient as email on email.job_id = job.id and email.contact_id = recipient.contact_id
        where email.status = 'read' and recipient.status <> 'read'""",
    "only callbacks move an e-mail campaign's recipient": """
        select from messaging_campaignrecipient as recipient
        join messaging_campaign as campaign on campaign.id = campaign_id and channel = 'email'
        where recipient.status not in ('queued', 'delivered', 'read', 'failed')""",
    "nobody counts the unsubscribed": "select from messaging_campaign where unsubscribed_count <> 0",
}


class FastClock:
    """Runs twenty minutes a second, so that callbacks of hours come in within a test."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self) -> datetime:
        return START + timedelta(seconds=(time.monotonic() - self._began) * SPEED)


def run_for(url: str, seconds: float, rate: float) -> tuple[threading.Thread, threading.Event]:
    stop = threading.Event()
    clock = FastClock()
    thread = threading.Thread(
        target=run_traffic, args=(url,), kwargs={"rate": rate, "seed": 3, "stop": stop, "clock": clock}
    )
    thread.start()
    timer = threading.Timer(seconds, stop.set)
    timer.daemon = True
    timer.start()
    return thread, stop


@pytest.fixture(scope="module")
def url(new_database: Callable[[], str]) -> str:
    filled = new_database()
    fill(filled, messages=200, seed=7, now=START, days=2)
    thread, _ = run_for(filled, seconds=6, rate=0.15)
    thread.join(timeout=30)
    assert not thread.is_alive()
    return filled


def count(url: str, table: str, condition: str = "true") -> int:
    column = "received_at" if table == "messaging_providerevent" else "created_at"
    with psycopg.connect(url) as connection:
        row = connection.execute(
            f"select count(*) from {table} where {column} > %s and {condition}".encode(), [START]
        ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("claim", IMPOSSIBLE)
def test_the_platform_could_have_written_it(url: str, claim: str) -> None:
    with psycopg.connect(url) as connection:
        assert connection.execute(IMPOSSIBLE[claim].encode()).rowcount == 0


@pytest.mark.parametrize("channel", ["whatsapp", "telegram", "instagram", "email"])
def test_every_channel_sends_and_is_called_back(url: str, channel: str) -> None:
    assert count(url, "messaging_outboundmessage", f"channel = '{channel}'") > 0
    assert count(url, "messaging_providerevent", f"channel = '{channel}'") > 0


@pytest.mark.parametrize(
    "table",
    [
        "messaging_whatsappmessage", "messaging_telegrammessage", "messaging_instagrammessage",
        "messaging_inboundmessage",
        "messaging_emailjob", "messaging_emailrecipient", "messaging_campaign", "messaging_campaignrecipient",
        "billing_billinglog", "bookings_booking", "bookings_bookingchangelog", "monitoring_monitoringalert",
    ],
)  # fmt: skip
def test_every_table_of_the_day_gets_rows(url: str, table: str) -> None:
    assert count(url, table) > 0


def test_messages_move_on_to_delivered_and_read(url: str) -> None:
    for status in ("delivered", "read", "failed"):
        assert count(url, "messaging_outboundmessage", f"status = '{status}'") > 0
    assert count(url, "messaging_emailrecipient", "status = 'read'") > 0
    assert count(url, "messaging_campaignrecipient", "status = 'delivered'") > 0


def test_callbacks_repeat_and_their_latency_is_sometimes_unknown(url: str) -> None:
    repeated = """id in (
        select max(id) from messaging_providerevent group by provider_message_id, status having count(*) > 1)"""
    assert count(url, "messaging_providerevent", repeated) > 0
    assert count(url, "messaging_providerevent", "latency_ms = 0 and outbound_id is null") > 0
    assert count(url, "messaging_providerevent", "latency_ms > 0") > 0


def test_it_goes_on_after_a_lost_connection(new_database: Callable[[], str], caplog: pytest.LogCaptureFixture) -> None:
    filled = new_database()
    fill(filled, messages=50, seed=7, now=START, days=2)
    thread, stop = run_for(filled, seconds=20, rate=0.1)
    time.sleep(0.7)
    with psycopg.connect(filled, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        row = connection.execute("select max(id) from messaging_outboundmessage").fetchone()
        assert row is not None
    deadline = time.monotonic() + 15
    while count(filled, "messaging_outboundmessage", f"id > {row[0]} and status in ('delivered', 'read')") == 0:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    stop.set()
    thread.join(timeout=10)
    assert "lost its connection" in caplog.text


def test_an_empty_database_is_an_error_that_says_so(new_database: Callable[[], str]) -> None:
    empty = new_database()
    create_schema(empty)
    with pytest.raises(NobodyThereError, match="fill a history first"):
        run_traffic(empty, rate=1, seed=1, stop=threading.Event())
