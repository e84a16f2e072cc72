"""A history is what its seed says, and what the platform would have written."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from demo import schema
from demo.history import DatabaseNotEmptyError, fill, is_filled
from demo.people import demo_api_key
from demo.schema import table_names

NOW = datetime(2026, 3, 4, 11, 30, tzinfo=UTC)
MESSAGES = 6_000

OUTBOUND = """
    select (select count(*) from messaging_outboundmessage) + (select count(*) from messaging_emailrecipient)
        + (select count(*) from messaging_whatsappmessage where direction = 'OUTBOUND')
        + (select count(*) from messaging_telegrammessage where direction = 'OUTBOUND')
        + (select count(*) from messaging_instagrammessage where direction = 'OUTBOUND')
"""

# Each must find nothing: a row that it finds is one that the platform could not have written.
IMPOSSIBLE = {
    "a send that never reached the provider has an error and no provider id": """
        select from messaging_outboundmessage
        where status = 'failed' and sent_at is null
            and (error = '' or provider_message_id <> '' or failed_at is null)""",
    "what the provider accepted has a sending time": """
        select from messaging_outboundmessage where status in ('sent', 'delivered', 'read') and sent_at is null""",
    "what is delivered or read has a delivery time": """
        select from messaging_outboundmessage where status in ('delivered', 'read') and delivered_at is null""",
    "what fails has a time and a reason": """
        select from messaging_outboundmessage where status = 'failed' and (failed_at is null or error = '')""",
    "what is tried again has been tried": """
        select from messaging_outboundmessage where status = 'retrying' and (retry_count = 0 or error = '')""",
    "times go on": """
        select from messaging_outboundmessage
        where sent_at < created_at or delivered_at < sent_at or failed_at < created_at or updated_at < created_at""",
    "nothing happens after now": """
        select from messaging_outboundmessage
        where greatest(created_at, sent_at, delivered_at, failed_at, updated_at) > %(now)s
        union all select from messaging_providerevent where received_at > %(now)s
        union all select from messaging_emailrecipient where greatest(created_at, sent_at, read_at) > %(now)s
        union all select from messaging_inboundmessage where received_at > %(now)s
        union all select from contacts_contact where greatest(created_at, updated_at) > %(now)s
        union all select from monitoring_monitoringalert where greatest(created_at, acknowledged_at) > %(now)s""",
    "ids grow with time": """
        select from (select created_at, lag(created_at) over (order by id) as before from messaging_outboundmessage)
            as row where created_at < before
        union all
        select from (select received_at, lag(received_at) over (order by id) as before from messaging_providerevent)
            as row where received_at < before""",
    "a callback belongs to its message's channel, organization and provider id": """
        select from messaging_providerevent as event
        join messaging_outboundmessage as message on message.id = event.outbound_id
        where (event.channel, event.organization_id, event.provider_message_id)
            <> (message.channel, message.organization_id, message.provider_message_id)""",
    "a known latency is the time from sending to callback": """
        select from messaging_providerevent as event
        join messaging_outboundmessage as message on message.id = event.outbound_id
        where latency_ms <> 0 and abs(latency_ms - extract(epoch from received_at - sent_at) * 1000) > 1""",
    "the sender's messages that are read were called back about": """
        select from messaging_outboundmessage as message
        where status = 'read' and not exists (select from messaging_providerevent where outbound_id = message.id)""",
    "WhatsApp and Instagram speak in capitals": """
        select from messaging_whatsappmessage where (direction = 'INBOUND') <> (status = 'RECEIVED')
            or status not in ('PENDING', 'SENT', 'DELIVERED', 'FAILED', 'RECEIVED')
        union all select from messaging_instagrammessage where (direction = 'INBOUND') <> (status = 'RECEIVED')
            or status not in ('SENT', 'FAILED', 'RECEIVED')""",
    "inbound WhatsApp and Telegram messages are written twice, Instagram's once": """
        select from (
            select (select count(*) from messaging_inboundmessage where channel = 'whatsapp')
                - (select count(*) from messaging_whatsappmessage where direction = 'INBOUND') as whatsapp,
            (select count(*) from messaging_inboundmessage where channel = 'telegram')
                - (select count(*) from messaging_telegrammessage where direction = 'INBOUND') as telegram,
            (select count(*) from messaging_inboundmessage where channel not in ('whatsapp', 'telegram')) as other
        ) as difference where whatsapp <> 0 or telegram <> 0 or other <> 0""",
    "a recipient's status is one of five, read ones have a time": """
        select from messaging_emailrecipient
        where status not in ('queued', 'sent', 'failed', 'skipped', 'read')
            or (status = 'read') <> (read_at is not null) or (status in ('sent', 'read') and sent_at is null)""",
    "an e-mail campaign's recipients are its job's": """
        select from messaging_campaignrecipient as recipient
        join messaging_campaign as campaign on campaign.id = campaign_id and channel = 'email'
        where not exists (
            select from messaging_emailrecipient as email join messaging_emailjob as job on job.id = job_id
            where job.campaign_id = recipient.campaign_id and email.contact_id = recipient.contact_id
                and recipient.provider_message_id in ('', email.provider_message_id))""",
    "only callbacks move an e-mail campaign's recipient": """
        select from messaging_campaignrecipient as recipient
        join messaging_campaign as campaign on campaign.id = campaign_id and channel = 'email'
        where recipient.status not in ('queued', 'delivered', 'read', 'failed')""",
    "a campaign addresses a contact once": """
        select from messaging_campaignrecipient group by campaign_id, contact_id having count(*) > 1""",
    "nobody counts the unsubscribed": "select from messaging_campaign where unsubscribed_count <> 0",
    "a failed e-mail's error is its event's reason or name": """
        select from messaging_emailrecipient as email
        join messaging_providerevent as event on event.provider_message_id = email.provider_message_id
        where event.status in ('bounce', 'dropped', 'spamreport')
            and (email.status <> 'failed' or email.error <> coalesce(payload ->> 'reason', event.status))""",
    "a bounce, drop or complaint suppresses the address": """
        select from messaging_emailrecipient as email
        join messaging_providerevent as event on event.provider_message_id = email.provider_message_id
        where event.status in ('bounce', 'dropped', 'spamreport') and not exists (
            select from messaging_suppression where channel = 'email' and identifier = email.email
                and reason in ('bounce', 'dropped', 'spamreport'))""",
    "whoever used the link is unsubscribed": """
        select from messaging_suppression where reason = '' and not exists (
            select from contacts_contact where contacts_contact.organization_id = messaging_suppression.organization_id
                and email = identifier and status = 'unsubscribed')""",
    "a message is its contact's organization's, and not older than the contact": """
        select from messaging_outboundmessage as message join contacts_contact as contact on contact.id = contact_id
        where contact.organization_id <> message.organization_id or contact.created_at > message.created_at""",
    "each failed message has one alert": """
        select from messaging_outboundmessage as message where status = 'failed' and 1 <> (
            select count(*) from monitoring_monitoringalert where (metadata ->> 'outbound_id')::bigint = message.id)""",
    "addresses are kept for examples and fiction": """
        select from contacts_contact
        where email !~ '@([a-z]+\\.)?example\\.(com|org)$' or phone_whatsapp !~ '^\\+1[2-9][0-9]{2}55501[0-9]{2}$'""",
}  # fmt: skip


def digest(url: str) -> dict[str, str]:
    found = {}
    with psycopg.connect(url) as connection:
        connection.execute("set timezone = 'UTC'")
        for table in table_names(url):
            lines = connection.execute(f"select t::text from {table} as t order by id")
            found[table] = hashlib.sha256("\n".join(line for (line,) in lines).encode()).hexdigest()
    return found


@pytest.fixture(scope="module")
def url(new_database: Callable[[], str]) -> str:
    filled = new_database()
    fill(filled, messages=MESSAGES, seed=7, now=NOW)
    return filled


def one(url: str, query: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("claim", IMPOSSIBLE)
def test_the_platform_could_have_written_it(url: str, claim: str) -> None:
    with psycopg.connect(url) as connection:
        found = connection.execute(IMPOSSIBLE[claim].encode(), {"now": NOW} if "%(now)s" in IMPOSSIBLE[claim] else None)
        assert found.rowcount == 0


def test_the_outbound_sources_add_up_to_what_was_asked_for(url: str) -> None:
    assert one(url, OUTBOUND) == MESSAGES


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(url: str, new_database: Callable[[], str]) -> None:
    again, other = new_database(), new_database()
    fill(again, messages=MESSAGES, seed=7, now=NOW)
    fill(other, messages=MESSAGES, seed=8, now=NOW)
    assert digest(again) == digest(url)
    differing = {table for table, value in digest(other).items() if value != digest(url)[table]}
    assert {"messaging_outboundmessage", "messaging_providerevent", "organizations_apikey"} <= differing


def test_a_long_history_keeps_a_few_per_cent_before_the_last_thirty_days(new_database: Callable[[], str]) -> None:
    long = new_database()
    fill(long, messages=4_000, seed=7, now=NOW, days=400)
    old = one(long, "select count(*) from messaging_outboundmessage where created_at < '2026-02-02 11:30+00'")
    assert 20 < old < 0.08 * 4_000
    assert one(long, OUTBOUND) == 4_000
    assert one(long, "select count(*) from messaging_outboundmessage where created_at < '2025-06-01'") > 0


@pytest.mark.parametrize("messages", [0, 9])
def test_a_tiny_history_is_a_history(new_database: Callable[[], str], messages: int) -> None:
    tiny = new_database()
    fill(tiny, messages=messages, seed=1, now=NOW, days=2, organizations=1)
    assert one(tiny, OUTBOUND) == messages
    assert one(tiny, "select count(*) from contacts_contact") > 0


def test_an_unfinished_fill_is_begun_anew_and_a_finished_one_left_alone(new_database: Callable[[], str]) -> None:
    database = new_database()
    schema.create_tables(database)
    with psycopg.connect(database) as connection:
        connection.execute("create schema simulator")
    assert not is_filled(database)
    fill(database, messages=100, seed=1, now=NOW, days=2)
    assert is_filled(database)
    with pytest.raises(DatabaseNotEmptyError):
        fill(database, messages=100, seed=1, now=NOW, days=2)


def test_new_rows_get_ids_after_those_of_history(url: str) -> None:
    with psycopg.connect(url) as connection:
        highest = connection.execute("select max(id) from messaging_suppression").fetchone()
        row = connection.execute(
            "insert into messaging_suppression (channel, identifier, reason, created_at, organization_id)"
            " values ('email', 'a@example.com', '', now(), 1) returning id"
        ).fetchone()
        connection.rollback()
    assert highest is not None
    assert row is not None
    assert row[0] > highest[0]


def test_the_people_of_the_demonstration_are_there(url: str) -> None:
    with psycopg.connect(url) as connection:
        members = connection.execute(
            "select username, is_active, role, organization_id from auth_user"
            " join organizations_membership on user_id = auth_user.id where auth_user.id <= 4 order by 1, 4"
        ).fetchall()
        keys = connection.execute(
            "select organization_id, key_hashed from organizations_apikey where status = 'active' order by 1"
        ).fetchall()
        revoked = connection.execute("select count(*) from organizations_apikey where status = 'revoked'").fetchone()
    assert members == [
        ("admin", True, "admin", 1),
        ("both", True, "admin", 1),
        ("both", True, "viewer", 2),
        ("inactive", False, "staff", 1),
        ("viewer", True, "viewer", 1),
    ]
    expected = [(number, hashlib.sha256(demo_api_key(7, number).encode()).hexdigest()) for number in range(1, 13)]
    assert keys == expected
    assert revoked == (1,)


def test_the_biggest_organization_has_about_a_third(url: str) -> None:
    share = "100 * count(*) filter (where organization_id = 1) / count(*)"
    assert 20 < one(url, f"select {share} from messaging_outboundmessage") < 50


def test_traffic_spreads_over_the_whole_time(url: str) -> None:
    days = one(url, "select count(distinct created_at::date) from messaging_outboundmessage")
    assert days >= 30
    assert (
        one(url, "select extract(epoch from max(created_at)) from messaging_outboundmessage")
        > (NOW - timedelta(hours=2)).timestamp()
    )
