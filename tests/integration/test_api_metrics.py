"""The overview's figures are those of the operational database, under the names that today's clients read."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr

from api.access.identity import issue_token
from demo.history import fill
from demo.people import ADMIN_USER_ID, demo_api_key
from tests.integration.conftest import SECRET_KEY, api_client, new_warehouse
from tests.integration.platform_facts import CAMPAIGN_RECIPIENTS, TELEGRAM_STATUS
from warehouse.refresh import extract_into, writing_lake
from warehouse.settings import Settings

PATH = "/api/metrics/"
HEADERS = {"Authorization": f"Bearer {issue_token(SECRET_KEY, ADMIN_USER_ID, timedelta(hours=5))}"}

OUTBOUND = f"""
    with sent as (
        select organization_id, channel, status, created_at from messaging_outboundmessage
        union all select organization_id, 'whatsapp', lower(status), created_at from messaging_whatsappmessage
            where direction = 'OUTBOUND'
        union all select organization_id, 'telegram', {TELEGRAM_STATUS}, created_at from messaging_telegrammessage
            where direction = 'OUTBOUND'
        union all select organization_id, 'instagram', lower(status), created_at from messaging_instagrammessage
            where direction = 'OUTBOUND'
        union all select job.organization_id, 'email',
            case when r.status = 'sent' and c.status in ('delivered', 'read') then 'delivered' else r.status end,
            r.created_at
            from messaging_emailrecipient r join messaging_emailjob job on job.id = r.job_id
            left join messaging_campaignrecipient c on c.campaign_id = job.campaign_id and c.contact_id = r.contact_id
    )
"""
# Today's keys, each with the statement whose answer it must give; %(org)s is the organization, %(as_of)s the moment.
TODAY = "created_at >= date_trunc('day', %(as_of)s::timestamptz at time zone 'UTC') at time zone 'UTC'"
KEYS = {
    "contacts": "select count(*) from contacts_contact where organization_id = %(org)s",
    "outbound": OUTBOUND + "select count(*) from sent where organization_id = %(org)s",
    "retrying": OUTBOUND + "select count(*) from sent where organization_id = %(org)s and status = 'retrying'",
    "failed": OUTBOUND + "select count(*) from sent where organization_id = %(org)s and status = 'failed'",
    "today_outbound": OUTBOUND + f"select count(*) from sent where organization_id = %(org)s and {TODAY}",
    "delivered_today": OUTBOUND
    + f"select count(*) from sent where organization_id = %(org)s and status in ('delivered', 'read') and {TODAY}",
    "failed_today": OUTBOUND
    + f"select count(*) from sent where organization_id = %(org)s and status = 'failed' and {TODAY}",
    "inbound": """
        select (select count(*) from messaging_inboundmessage where organization_id = %(org)s)
            + (select count(*) from messaging_instagrammessage
                where organization_id = %(org)s and direction = 'INBOUND')""",
    "bookings": "select count(*) from bookings_booking where organization_id = %(org)s",
    "campaigns": "select count(*) from messaging_campaign where organization_id = %(org)s",
    "campaigns_active": """
        select count(*) from messaging_campaign
        where organization_id = %(org)s and status not in ('completed', 'failed')""",
    "email_jobs_recipients": """
        select count(*) from messaging_emailrecipient r join messaging_emailjob j on j.id = r.job_id
        where j.organization_id = %(org)s""",
    "email_jobs_failed": """
        select count(*) from messaging_emailrecipient r join messaging_emailjob j on j.id = r.job_id
        where j.organization_id = %(org)s and r.status = 'failed'""",
    "email_jobs_read": """
        select count(*) from messaging_emailrecipient r join messaging_emailjob j on j.id = r.job_id
        where j.organization_id = %(org)s and r.status = 'read'""",
    "email_jobs_delivered": """
        select count(*) from messaging_emailrecipient r join messaging_emailjob j on j.id = r.job_id
        where j.organization_id = %(org)s and (r.status = 'read' or r.status = 'sent' and exists (
            select from messaging_campaignrecipient c where c.campaign_id = j.campaign_id
                and c.contact_id = r.contact_id and c.status in ('delivered', 'read')))""",
}

CAMPAIGN_RECIPIENT_COUNTS = (
    "total", "queued", "sent", "delivered", "read", "failed", "unsubscribed", "unsubscribed_without_campaign",
)  # fmt: skip
CAMPAIGN_FIGURES = f"""
    with recipient as (
        select c.organization_id, r.contact_id, r.status, r.created_at
        from ({CAMPAIGN_RECIPIENTS}) r join messaging_campaign c on c.id = r.campaign_id
    ),
    leaver as (
        select contact.id, contact.organization_id, coalesce(
            (select max(s.created_at) from messaging_suppression s
                where s.organization_id = contact.organization_id and s.channel = 'email' and s.reason = ''
                    and lower(s.identifier) = lower(contact.email)),
            contact.updated_at) as left_at
        from contacts_contact contact
        where status = 'unsubscribed'
            and not exists (select from recipient r where r.contact_id = contact.id and r.status = 'unsubscribed')
    ),
    attributed as (
        select organization_id, exists (
            select from recipient r where r.contact_id = leaver.id and r.organization_id = leaver.organization_id
                and r.status in ('sent', 'delivered', 'read') and r.created_at <= left_at) as is_by_campaign
        from leaver
    )
    select organization_id, count(*), count(*) filter (where status = 'queued'),
        count(*) filter (where status in ('sent', 'delivered', 'read')),
        count(*) filter (where status in ('delivered', 'read')), count(*) filter (where status = 'read'),
        count(*) filter (where status = 'failed'),
        count(*) filter (where status = 'unsubscribed') + (
            select count(*) from attributed a where a.organization_id = recipient.organization_id and is_by_campaign),
        (select count(*) from attributed a where a.organization_id = recipient.organization_id and not is_by_campaign)
    from recipient group by organization_id"""


@pytest.fixture(scope="module")
def client(loaded: Settings) -> Iterator[FlaskClient]:
    with api_client(loaded) as client:
        yield client


def ask(settings: Settings, query: str, **values: object) -> list[tuple[object, ...]]:
    with psycopg.connect(settings.required("source_url")) as source:
        return source.execute(query.encode(), values or None).fetchall()


@pytest.mark.parametrize("organization_id", [1, 2, 5])
def test_the_keys_that_clients_read_today_say_what_the_operational_database_says(
    client: FlaskClient, loaded: Settings, organization_id: int
) -> None:
    body = client.get(PATH, headers={"X-API-Key": demo_api_key(7, organization_id)}).get_json()
    expected = {key: ask(loaded, query, org=organization_id, as_of=body["as_of"])[0][0] for key, query in KEYS.items()}
    assert {key: body[key] for key in KEYS} == expected
    assert all(type(body[key]) is int for key in (*KEYS, "alerts_open"))
    assert body["alerts_open"] == 0


@pytest.mark.parametrize(
    ("range_", "span"), [("24h", timedelta(hours=24)), ("7d", timedelta(days=7)), ("30d", timedelta(days=30))]
)
def test_latency_percentiles_of_a_window_are_within_one_per_cent(
    client: FlaskClient, loaded: Settings, range_: str, span: timedelta
) -> None:
    body = client.get(PATH, query_string={"range": range_}, headers=HEADERS).get_json()
    start, end = (datetime.fromisoformat(body["window"][edge]) for edge in ("start", "end"))
    assert span <= end - start <= span + timedelta(hours=2)
    known = "latency_ms > 0 and organization_id = 1 and received_at >= %(start)s and received_at < %(end)s"
    rows = ask(
        loaded,
        "select channel, count(*), avg(latency_ms)::float8, array_agg(latency_ms order by latency_ms) "
        f"from messaging_providerevent where {known} group by channel",
        start=start,
        end=end,
    )
    assert rows or range_ == "24h"
    for channel in {"whatsapp", "email", "telegram", "instagram"} - {channel for channel, *_ in rows}:
        unknown = {"count": 0, "avg_ms": None, "p50_ms": None, "p95_ms": None, "p99_ms": None}
        assert body["callback_latency"][str(channel)] == unknown
    for channel, count, average, ordered in rows:
        latency = body["callback_latency"][str(channel)]
        assert (latency["count"], latency["avg_ms"]) == (count, pytest.approx(average))
        assert isinstance(ordered, list)
        for name, q in (("p50_ms", 0.5), ("p95_ms", 0.95), ("p99_ms", 0.99)):
            assert latency[name] == pytest.approx(ordered[int(q * (len(ordered) - 1))], rel=0.0101)


def test_the_parts_of_an_answer_agree_with_each_other(client: FlaskClient) -> None:
    body = client.get(PATH, headers=HEADERS).get_json()
    totals = [channel["total"] for channel in body["channels"].values()]
    assert list(body["channels"])[:4] == ["whatsapp", "email", "telegram", "instagram"]
    assert sum(total["outbound"] for total in totals) == body["outbound"]
    assert sum(total["inbound"] for total in totals) == body["inbound"]
    for total in totals:
        assert total["outbound"] == sum(total[name] for name in ("queued", "sent", "failed", "skipped", "retrying"))
        assert total["sent"] >= total["delivered"] >= total["read"]
    emails = body["email_recipients"]
    assert emails["total"] == sum(emails[name] for name in ("queued", "sent", "failed", "skipped"))
    assert emails["bounced"] + emails["dropped"] + emails["spam"] <= emails["failed"]
    assert body["alerts"] == {
        severity: {"open": 0, "acked": 0, "resolved": 0} for severity in ("info", "warn", "critical")
    }


def test_campaign_recipients_are_counted_and_unsubscribes_attributed(client: FlaskClient, loaded: Settings) -> None:
    unsubscribed = 0
    for organization_id, *expected in ask(loaded, CAMPAIGN_FIGURES):
        headers = {"X-API-Key": demo_api_key(7, int(str(organization_id)))}
        counts = client.get(PATH, headers=headers).get_json()["campaign_recipients"]
        assert [counts[name] for name in CAMPAIGN_RECIPIENT_COUNTS] == expected
        unsubscribed += counts["unsubscribed"]
    assert unsubscribed > 0


def test_a_wrong_parameter_is_named_with_what_is_allowed(client: FlaskClient) -> None:
    response = client.get(PATH, query_string={"range": "9d", "tz": "Mars"}, headers=HEADERS)
    assert response.status_code == 400
    detail = response.get_json()["detail"]
    assert "'range'" in detail
    assert "'30d'" in detail
    assert "'9d'" in detail
    assert "'tz'" in detail
    repeated = client.get(f"{PATH}?range=7d&range=30d", headers=HEADERS)
    assert repeated.status_code == 400


@pytest.mark.parametrize("path", [PATH, "/healthz", "/nowhere", "/api/metrics/?range=x"])
def test_every_answer_carries_the_request_id_it_was_given(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={**HEADERS, "X-Request-ID": "from-the-proxy-1"})
    assert response.headers["X-Request-ID"] == "from-the-proxy-1"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    if response.status_code >= 400:
        assert response.get_json()["request_id"] == "from-the-proxy-1"


@pytest.mark.parametrize("given", ["", "x" * 129, 'a"b', "a b"])
def test_a_request_id_that_is_not_safe_is_replaced(client: FlaskClient, given: str) -> None:
    made = client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert len(made) == 32
    assert int(made, 16) >= 0


def test_a_request_is_one_log_line_without_its_credentials(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="api.request"):
        client.get(PATH, headers={**HEADERS, "X-Request-ID": "logged"})
        client.get(PATH, headers={"Authorization": "Bearer a.b.c", "X-Request-ID": "refused"})
    lines = [json.loads(record.message) for record in caplog.records if record.name == "api.request"]
    assert [(line["request_id"], line["org"], line["user"], line["route"], line["status"]) for line in lines] == [
        ("logged", 1, ADMIN_USER_ID, PATH, 200),
        ("refused", None, None, PATH, 401),
    ]
    assert lines[1]["reason"] == "The token is not valid."
    assert HEADERS["Authorization"].split()[1] not in caplog.text


def test_readiness_says_what_the_figures_stand_for(client: FlaskClient) -> None:
    body = client.get("/readyz").get_json()
    assert body["status"] == "ready"
    assert 0 <= (datetime.now(UTC) - datetime.fromisoformat(body["as_of"])).total_seconds() < 3600


def test_a_warehouse_that_is_away_is_an_error_and_never_an_empty_figure(loaded: Settings) -> None:
    away = loaded.model_copy(update={"warehouse_url": SecretStr("postgresql://127.0.0.1:1/x")})
    with api_client(away) as client:
        for path in (PATH, "/readyz"):
            response = client.get(path, headers=HEADERS)
            assert response.status_code == 503
            assert "CORBI_WAREHOUSE_URL" in response.get_json()["detail"]
            assert response.headers["Retry-After"]
        assert client.get("/healthz").status_code == 200


def test_before_the_first_load_the_answer_says_what_to_do(loaded: Settings, new_database: Callable[[], str]) -> None:
    empty = loaded.model_copy(update={"warehouse_url": SecretStr(new_database())})
    with api_client(empty) as client:
        response = client.get(PATH, headers=HEADERS)
    assert response.status_code == 503
    assert "corbi-monitoring refresh" in response.get_json()["detail"]


def test_a_load_that_is_not_rolled_up_yet_is_not_ready_and_gives_no_zeros(
    new_database: Callable[[], str], tmp_path: Path
) -> None:
    settings = new_warehouse(new_database, tmp_path)
    fill(settings.required("source_url"), messages=100, seed=7, now=datetime.now(UTC), days=2)
    with writing_lake(settings) as lake:
        extract_into(lake, settings)
    with api_client(settings) as client:
        for path in (PATH, "/readyz"):
            response = client.get(path, headers=HEADERS)
            assert response.status_code == 503
            assert "not rolled up yet" in response.get_json()["detail"]
