"""Callbacks and messages one by one are the operational database's rows, each on one page, whatever arrives."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from demo.people import demo_api_key
from tests.integration.conftest import api_client
from tests.integration.platform_facts import TELEGRAM_STATUS
from warehouse.failure_reasons import classify
from warehouse.lake.connection import open_lake
from warehouse.lake.state import read_state
from warehouse.settings import Settings

EVENTS, MESSAGES = "/api/monitoring/events/", "/api/monitoring/messages/"
EVENT_ROWS = """
    select id, channel, status, latency_ms, received_at, outbound_id from messaging_providerevent
    where organization_id = %(org)s and received_at >= %(since)s order by received_at desc, id desc"""
MESSAGE_ROWS = f"""
    select * from (
        select 'outbound' as source, id, channel, status, created_at, error, null::bigint as job,
            null::bigint as campaign
        from messaging_outboundmessage where organization_id = %(org)s
        union all select 'whatsapp', id, 'whatsapp', lower(status), created_at, error_reason, null, null
        from messaging_whatsappmessage where organization_id = %(org)s and direction = 'OUTBOUND'
        union all select 'telegram', id, 'telegram', {TELEGRAM_STATUS}, created_at, '', null, null
        from messaging_telegrammessage where organization_id = %(org)s and direction = 'OUTBOUND'
        union all select 'instagram', id, 'instagram', lower(status), created_at, error_reason, null, null
        from messaging_instagrammessage where organization_id = %(org)s and direction = 'OUTBOUND'
        union all select 'email', r.id, 'email',
            case when r.status = 'sent' and c.status in ('delivered', 'read') then 'delivered' else r.status end,
            r.created_at, r.error, r.job_id, j.campaign_id
        from messaging_emailrecipient r join messaging_emailjob j on j.id = r.job_id
        left join messaging_campaignrecipient c on c.campaign_id = j.campaign_id and c.contact_id = r.contact_id
        where j.organization_id = %(org)s
    ) message
    where created_at >= %(since)s order by created_at desc, source desc, id desc"""
INBOUND_ROWS = """
    select * from (
        select 'inbound' as source, id, channel, received_at as at from messaging_inboundmessage
        where organization_id = %(org)s
        union all select 'instagram', id, 'instagram', created_at from messaging_instagrammessage
        where organization_id = %(org)s and direction = 'INBOUND'
    ) message
    where at >= %(since)s order by at desc, source desc, id desc"""
MESSAGE_KEYS = {
    "id", "source", "channel", "status", "created_at", "sent_at", "delivered_at", "read_at", "failed_at", "template",
    "reason", "retry_count", "campaign_id", "email_job_id",
}  # fmt: skip


@pytest.fixture(scope="module")
def client(loaded: Settings) -> Iterator[FlaskClient]:
    with api_client(loaded) as client:
        yield client


@pytest.fixture(scope="module")
def since(loaded: Settings) -> datetime:
    """From when on single rows are kept."""
    with open_lake(loaded, read_only=True) as lake:
        day = read_state(lake).boundaries.raw_from
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def ask(settings: Settings, query: str, **values: object) -> list[dict[str, Any]]:
    with psycopg.connect(settings.required("source_url"), row_factory=psycopg.rows.dict_row) as source:
        return source.execute(query.encode(), values).fetchall()


def messages_of(settings: Settings, organization_id: int, since: datetime) -> list[dict[str, Any]]:
    """What the operational database says, in the words of the API."""
    rows = ask(settings, MESSAGE_ROWS, org=organization_id, since=since)
    for row in rows:
        row["status"] = "queued" if row["status"] in ("pending", "") else row["status"]
        row["reason"] = classify(row["error"], row["channel"]).reason.value if row["status"] == "failed" else None
    return rows


def identified(rows: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(row["source"], row["id"]) for row in rows]


def pages(
    client: FlaskClient,
    path: str,
    organization_id: int,
    between: Callable[[], None] = lambda: None,
    **parameters: object,
) -> Iterator[list[dict[str, Any]]]:
    """Page after page by the links, with something done between two of them; all there is where no span is given."""
    if not parameters.keys() & {"range", "from", "to"}:
        parameters["to"] = "9999-12-31"
    headers = {"X-API-Key": demo_api_key(7, organization_id)}
    response = client.get(path, query_string=parameters, headers=headers)
    while True:
        assert response.status_code == 200, response.text
        body = response.get_json()
        link = response.headers.get("Link")
        if isinstance(body, dict):
            cursor = body["next_cursor"]
            assert (cursor is None and link is None) or f"cursor={cursor}>" in str(link)
        yield body["results"] if isinstance(body, dict) else body
        if link is None:
            return
        assert link.endswith('>; rel="next"')
        between()
        response = client.get(link.split(">")[0][1:], headers=headers)


def everything(client: FlaskClient, path: str, organization_id: int = 1, **parameters: object) -> list[dict[str, Any]]:
    return [row for page in pages(client, path, organization_id, **parameters) for row in page]


@pytest.mark.parametrize("organization_id", [1, 4])
def test_callbacks_are_those_of_the_operational_database(
    client: FlaskClient, loaded: Settings, since: datetime, organization_id: int
) -> None:
    expected = ask(loaded, EVENT_ROWS, org=organization_id, since=since)
    found = everything(client, EVENTS, organization_id, limit=300)
    assert [row["id"] for row in found] == [row["id"] for row in expected]
    for row, known in zip(found, expected, strict=True):
        at = datetime.fromisoformat(row.pop("received_at"))
        assert timedelta() <= known.pop("received_at") - at < timedelta(milliseconds=1)
        assert row == known


@pytest.mark.parametrize("organization_id", [1, 4])
def test_messages_are_those_of_the_operational_database(
    client: FlaskClient, loaded: Settings, since: datetime, organization_id: int
) -> None:
    expected = messages_of(loaded, organization_id, since)
    found = everything(client, MESSAGES, organization_id, limit=150)
    assert identified(found) == identified(expected)
    for row, known in zip(found, expected, strict=True):
        assert {name: row[name] for name in ("channel", "status", "reason")} == {
            name: known[name] for name in ("channel", "status", "reason")
        }
        assert (row["email_job_id"], row["campaign_id"]) == (known["job"], known["campaign"])
        assert bool(row["template"]) == bool(known["error"])
    assert len({row["source"] for row in found}) == (5 if organization_id == 1 else 4)


def test_inbound_messages_are_those_of_the_operational_database(
    client: FlaskClient, loaded: Settings, since: datetime
) -> None:
    found = everything(client, MESSAGES, direction="inbound", limit=200)
    assert identified(found) == identified(ask(loaded, INBOUND_ROWS, org=1, since=since))
    assert {row["status"] for row in found} == {"received"}


def test_a_message_tells_nothing_of_a_person(client: FlaskClient) -> None:
    for row in everything(client, MESSAGES, limit=500):
        assert row.keys() == MESSAGE_KEYS
        assert "@" not in (row["template"] or "").replace("<email>", "")


@pytest.mark.parametrize("channel", ["whatsapp", "email", "telegram", "instagram"])
def test_filters_of_messages_leave_exactly_what_they_name(
    client: FlaskClient, loaded: Settings, since: datetime, channel: str
) -> None:
    expected = messages_of(loaded, 1, since)
    in_channel = [row for row in expected if row["channel"] == channel]
    assert identified(everything(client, MESSAGES, channel=channel, limit=500)) == identified(in_channel)
    for status in ("queued", "sent", "delivered", "read", "failed", "skipped", "retrying"):
        wanted = [row for row in in_channel if row["status"] == status]
        assert identified(everything(client, MESSAGES, channel=channel, status=status, limit=500)) == identified(wanted)


def test_failures_are_found_by_reason_and_by_text(client: FlaskClient, loaded: Settings, since: datetime) -> None:
    expected = messages_of(loaded, 1, since)
    reasons = ("bounce", "blocked", "opt-out", "invalid", "rate-limit", "network", "unknown")
    for reason in reasons:
        wanted = [row for row in expected if row["reason"] == reason]
        assert identified(everything(client, MESSAGES, reason=reason, limit=500)) == identified(wanted)
    failed = everything(client, MESSAGES, status="failed", limit=500)
    assert {row["reason"] for row in failed} <= {*reasons}
    for template in {row["template"] or "" for row in failed}:
        wanted = [row for row in failed if (row["template"] or "") == template]
        assert everything(client, MESSAGES, status="failed", template=template, limit=500) == wanted


def test_the_parts_of_a_campaign_and_of_an_email_job_are_as_many_as_their_counts_say(client: FlaskClient) -> None:
    headers = {"X-API-Key": demo_api_key(7, 1)}
    seen = 0
    for path, parameter in (("campaigns", "campaign_id"), ("email-jobs", "email_job_id")):
        listed = client.get(f"/api/monitoring/{path}/?limit=4", headers=headers).get_json()["results"]
        for one in listed:
            counts = one["recipients"]
            found = everything(client, MESSAGES, limit=400, **{parameter: one["id"]})
            by_status = {
                status: sum(row["status"] == status for row in found) for status in ("queued", "failed", "read")
            }
            assert len(found) == counts["total"]
            assert by_status["failed"] == counts["failed"]
            assert by_status["queued"] == counts["queued"]
            assert by_status["read"] == counts.get("read", counts.get("opened"))
            assert {row[parameter] for row in found} <= {one["id"]}
            delivered = everything(client, MESSAGES, limit=400, status="delivered", **{parameter: one["id"]})
            assert len(delivered) + by_status["read"] == counts["delivered"]
            seen += len(found)
    assert seen > 20


@pytest.mark.parametrize(("path", "at"), [(EVENTS, "received_at"), (MESSAGES, "created_at")])
def test_a_span_leaves_what_lies_in_it(client: FlaskClient, path: str, at: str) -> None:
    rows = everything(client, path, limit=1000)
    newest, middle = rows[0][at], rows[len(rows) // 2][at]
    assert everything(client, path, limit=400, **{"from": middle}) == [row for row in rows if row[at] >= middle]
    assert everything(client, path, limit=400, to=middle) == [row for row in rows if row[at] < middle]
    between = [row for row in rows if middle <= row[at] < newest]
    assert everything(client, path, limit=400, **{"from": middle, "to": newest}) == between
    assert everything(client, path, limit=1000, range="12m") == rows


def test_events_are_found_by_channel_and_status(client: FlaskClient) -> None:
    rows = everything(client, EVENTS, limit=1000)
    for channel, status in {(row["channel"], row["status"]) for row in rows}:
        wanted = [row for row in rows if (row["channel"], row["status"]) == (channel, status)]
        assert everything(client, EVENTS, channel=channel, status=status.upper(), limit=1000) == wanted


def test_new_rows_move_no_page_that_comes_after(client: FlaskClient, loaded: Settings) -> None:
    """A page is where its cursor says: what arrives while one reads on stands before it."""
    before = everything(client, EVENTS, 4, limit=1000)
    newest = before[0]["id"]
    inserted = 0
    with open_lake(loaded) as writer:

        def arrive() -> None:
            nonlocal inserted
            inserted += 1
            writer.execute(
                "insert into lake.raw.provider_event by name select * replace (1000000000 + ? as id, "
                "received_at + interval 1 microsecond as received_at) from lake.raw.provider_event where id = ?",
                [inserted, newest],
            )

        try:
            paged = [row for page in pages(client, EVENTS, 4, arrive, limit=len(before) // 4) for row in page]
            assert paged == before
            assert inserted >= 3
            assert len(everything(client, EVENTS, 4, limit=1000)) == len(before) + inserted
        finally:
            writer.execute("delete from lake.raw.provider_event where id > 1000000000")


@pytest.mark.parametrize("path", [EVENTS, MESSAGES])
def test_what_is_gone_is_said_to_be_gone(client: FlaskClient, path: str) -> None:
    headers = {"X-API-Key": demo_api_key(7, 1)}
    for parameters in ({"from": "2020-01-01"}, {"from": "2020-01-01", "to": "2020-02-01"}):
        response = client.get(path, query_string=parameters, headers=headers)
        body = response.get_json()
        notice = body["notices"][0] if path == MESSAGES else response.headers["X-Notice"]
        assert "Single rows are kept from" in notice
        assert bool(body["results"] if path == MESSAGES else body) == (len(parameters) == 1)


@pytest.mark.parametrize(
    ("path", "parameters"),
    [(path, parameters) for path in (EVENTS, MESSAGES) for parameters in (
        {"cursor": "x"}, {"cursor": "-1-2"}, {"cursor": "1-2-3"}, {"cursor": "9" * 30 + "-1"}, {"cursor": ""},
        {"limit": "all"}, {"channel": "+39"}, {"from": "x"}, {"to": "2026-13-01"},
        {"from": "2026-02-02", "to": "2026-02-01"}, {"range": "1h"}, {"tz": "Nowhere"},
    )]
    + [(EVENTS, {"status": ""}), (EVENTS, {"status": "x" * 65})]
    + [(MESSAGES, parameters) for parameters in (
        {"limit": 0}, {"limit": 1001}, {"after": 1}, {"direction": "both"},
        {"status": "lost"}, {"reason": "gone"}, {"campaign_id": 0}, {"campaign_id": 2**63},
        {"email_job_id": "x"}, {"template": "x" * 2001}, {"cursor": "1-2-nowhere"},
    )],
)  # fmt: skip
def test_a_wrong_parameter_is_named(client: FlaskClient, path: str, parameters: dict[str, object]) -> None:
    response = client.get(path, query_string=parameters, headers={"X-API-Key": demo_api_key(7, 1)})
    assert response.status_code == 400
    assert any(name in response.get_json()["detail"] for name in parameters)


def test_ids_of_another_organization_find_nothing(client: FlaskClient) -> None:
    headers = {"X-API-Key": demo_api_key(7, 2)}
    for path, parameter in (("campaigns", "campaign_id"), ("email-jobs", "email_job_id")):
        other = client.get(f"/api/monitoring/{path}/", headers=headers).get_json()["results"][0]["id"]
        assert everything(client, MESSAGES, 2, limit=1, **{parameter: other})[:1]
        assert everything(client, MESSAGES, 1, **{parameter: other}) == []


def test_inbound_messages_have_no_state_to_be_found_by_and_the_answer_says_so(client: FlaskClient) -> None:
    response = client.get(f"{MESSAGES}?direction=inbound&status=failed", headers={"X-API-Key": demo_api_key(7, 1)})
    body = response.get_json()
    assert (body["results"], body["next_cursor"]) == ([], None)
    assert "status" in body["notices"][0]


@pytest.mark.parametrize("path", [EVENTS, MESSAGES])
def test_rows_come_as_a_table_too(client: FlaskClient, path: str) -> None:
    headers = {"X-API-Key": demo_api_key(7, 1)}
    body = client.get(f"{path}?limit=20&range=30d", headers=headers).get_json()
    rows = body["results"] if path == MESSAGES else body
    response = client.get(f"{path}?limit=20&range=30d&format=csv", headers=headers)
    assert response.mimetype == "text/csv"
    assert "cursor=" in response.headers["Link"]
    assert [row["id"] for row in csv.DictReader(io.StringIO(response.text))] == [str(row["id"]) for row in rows]
