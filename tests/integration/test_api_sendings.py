"""Campaigns and e-mail jobs are what the operational database says of their recipients, listed without gap."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from demo.history import fill
from demo.people import demo_api_key
from tests.integration.conftest import api_client, new_warehouse
from tests.integration.platform_facts import CAMPAIGN_RECIPIENTS
from tests.integration.platform_writer import PlatformWriter, open_connection, utc_now
from warehouse.failure_reasons import classify
from warehouse.refresh import refresh
from warehouse.settings import Settings

CAMPAIGNS, JOBS = "/api/monitoring/campaigns/", "/api/monitoring/email-jobs/"
ORGANIZATIONS = (1, 2, 6)

# By %(org)s: each campaign with its recipients, and those who left after it had reached them last.
CAMPAIGN_COUNTS = f"""
    with recipient as (
        select r.*, c.organization_id, c.id as campaign
        from ({CAMPAIGN_RECIPIENTS}) r join messaging_campaign c on c.id = r.campaign_id
    ),
    leaver as (
        select (
            select r.campaign from recipient r
            where r.contact_id = contact.id and r.organization_id = contact.organization_id
                and r.status in ('sent', 'delivered', 'read') and r.created_at <= coalesce(
                    (select max(s.created_at) from messaging_suppression s
                        where s.organization_id = contact.organization_id and s.channel = 'email' and s.reason = ''
                            and lower(s.identifier) = lower(contact.email)),
                    contact.updated_at)
            order by r.created_at desc, r.id desc limit 1) as campaign
        from contacts_contact contact
        where status = 'unsubscribed'
            and not exists (select from recipient r where r.contact_id = contact.id and r.status = 'unsubscribed')
    )
    select c.id, c.name, c.channel, c.status, c.created_at, count(r.id) as total,
        count(*) filter (where r.status = 'queued') as queued,
        count(*) filter (where r.status in ('sent', 'delivered', 'read')) as sent,
        count(*) filter (where r.status in ('delivered', 'read')) as delivered,
        count(*) filter (where r.status = 'read') as read, count(*) filter (where r.status = 'failed') as failed,
        count(*) filter (where r.status = 'unsubscribed') + (select count(*) from leaver l where l.campaign = c.id)
            as unsubscribed
    from messaging_campaign c left join recipient r on r.campaign_id = c.id
    where c.organization_id = %(org)s group by c.id"""
RECIPIENT_EMAILS = """
    select r.*, coalesce(k.status in ('delivered', 'read'), false) as is_delivered, (
        select e.status from messaging_providerevent e
        where e.channel = 'email' and r.provider_message_id <> ''
            and split_part(e.provider_message_id, '.filter', 1) = split_part(r.provider_message_id, '.filter', 1)
            and e.status in ('bounce', 'bounced', 'blocked', 'dropped', 'spamreport')
        order by e.received_at desc, e.id desc limit 1) as ending
    from messaging_emailrecipient r join messaging_emailjob j on j.id = r.job_id
    left join messaging_campaignrecipient k on k.campaign_id = j.campaign_id and k.contact_id = r.contact_id"""
JOB_COUNTS = f"""
    with recipient as ({RECIPIENT_EMAILS})
    select j.id, j.subject as name, j.status, j.campaign_id, count(r.id) as total,
        count(*) filter (where r.status = 'queued') as queued,
        count(*) filter (where r.status in ('sent', 'read')) as sent,
        count(*) filter (where r.status = 'read' or r.status = 'sent' and is_delivered) as delivered,
        count(*) filter (where r.status = 'read') as opened, count(*) filter (where r.status = 'failed') as failed,
        count(*) filter (where r.status = 'skipped') as skipped,
        count(*) filter (where r.status = 'failed' and ending in ('bounce', 'bounced', 'blocked')) as bounced,
        count(*) filter (where r.status = 'failed' and ending = 'dropped') as dropped,
        count(*) filter (where r.status = 'failed' and ending = 'spamreport') as spam
    from messaging_emailjob j left join recipient r on r.job_id = j.id
    where j.organization_id = %(org)s group by j.id"""
CAMPAIGN_POINT = f"""
    select count(*) as outbound, count(*) filter (where status in ('sent', 'delivered', 'read')) as sent,
        count(*) filter (where status in ('delivered', 'read')) as delivered,
        count(*) filter (where status = 'read') as read, count(*) filter (where status = 'failed') as failed
    from ({CAMPAIGN_RECIPIENTS}) r where campaign_id = %(id)s and created_at >= %(start)s and created_at < %(end)s"""
JOB_POINT = f"""
    select count(*) as outbound, count(*) filter (where r.status in ('sent', 'read')) as sent,
        count(*) filter (where r.status = 'read' or r.status = 'sent' and is_delivered) as delivered,
        count(*) filter (where r.status = 'read') as read, count(*) filter (where r.status = 'failed') as failed
    from ({RECIPIENT_EMAILS}) r where r.job_id = %(id)s and r.created_at >= %(start)s and r.created_at < %(end)s"""
CAMPAIGN_ERRORS = f"""
    select c.channel, r.error_message from ({CAMPAIGN_RECIPIENTS}) r
    join messaging_campaign c on c.id = r.campaign_id where c.id = %(id)s and r.status = 'failed'"""
JOB_ERRORS = "select 'email', error from messaging_emailrecipient where job_id = %(id)s and status = 'failed'"


@pytest.fixture(scope="module")
def client(loaded: Settings) -> Iterator[FlaskClient]:
    with api_client(loaded) as client:
        yield client


def get(client: FlaskClient, path: str, organization_id: int = 1, **parameters: object) -> Any:
    headers = {"X-API-Key": demo_api_key(7, organization_id)}
    response = client.get(path, query_string=parameters, headers=headers)
    assert response.status_code == 200, response.text
    return response.get_json()


def ask(settings: Settings, query: str, **values: object) -> list[dict[str, Any]]:
    with psycopg.connect(settings.required("source_url"), row_factory=psycopg.rows.dict_row) as source:
        return source.execute(query.encode(), values).fetchall()


def everything(client: FlaskClient, path: str, organization_id: int, **parameters: object) -> list[dict[str, Any]]:
    """All pages, one after the other by their links."""
    found: list[dict[str, Any]] = []
    headers = {"X-API-Key": demo_api_key(7, organization_id)}
    response = client.get(path, query_string=parameters, headers=headers)
    while True:
        body = response.get_json()
        found += body["results"]
        assert response.headers["X-Total-Count"] == str(body["total"])
        following = [link for link in response.headers["Link"].split(", ") if link.endswith('rel="next"')]
        if not following:
            assert len(found) == body["total"]
            return found
        response = client.get(following[0].split(">")[0][1:], headers=headers)


@pytest.mark.parametrize("organization_id", ORGANIZATIONS)
@pytest.mark.parametrize(
    ("path", "query"), [(CAMPAIGNS, CAMPAIGN_COUNTS), (JOBS, JOB_COUNTS)], ids=["campaigns", "jobs"]
)
def test_recipients_are_those_of_the_operational_database(
    client: FlaskClient, loaded: Settings, path: str, query: str, organization_id: int
) -> None:
    expected = {row.pop("id"): row for row in ask(loaded, query, org=organization_id)}
    found = everything(client, path, organization_id, limit=200)
    assert len(found) == len(expected) > 0
    for one in found:
        row = expected[one["id"]]
        if "created_at" in row:
            at = datetime.fromisoformat(one["created_at"])
            assert at == row["created_at"].replace(microsecond=row["created_at"].microsecond // 1000 * 1000)
        assert {name: one[name] for name in ("name", "status")} == {name: row[name] for name in ("name", "status")}
        assert one["recipients"] == {name: row[name] for name in one["recipients"]}


@pytest.mark.parametrize("path", [CAMPAIGNS, JOBS])
def test_each_rate_is_a_count_in_per_cent_of_what_it_says_it_is_of(client: FlaskClient, path: str) -> None:
    seen = 0
    for one in everything(client, path, 1, limit=200):
        counts, rates = one["recipients"], one["rates"]
        tried = counts["sent"] + counts["failed"]
        for name, rate in rates.items():
            if name == "unsubscribed":
                assert rate["of"] >= counts["sent"]
            else:
                assert rate["of"] == (counts["sent"] if name in ("read", "opened") else tried)
            if rate["of"] == 0:
                assert rate["value"] is None
                continue
            assert rate["value"] == pytest.approx(100 * counts[name] / rate["of"])
            assert 0 <= rate["value"] <= 100
            seen += rate["value"] > 0
    assert seen > 10


@pytest.mark.parametrize(
    ("path", "sort"),
    [(CAMPAIGNS, name) for name in ("name", "created_at", "recipients", "delivered_rate", "unsubscribed_rate")]
    + [(JOBS, name) for name in ("recipients", "opened_rate", "failed_rate", "bounced_rate", "spam_rate")],
)  # fmt: skip
@pytest.mark.parametrize("direction", ["", "-"])
def test_pages_in_any_order_hold_each_row_once(client: FlaskClient, path: str, sort: str, direction: str) -> None:
    pages = everything(client, path, 2, sort=direction + sort, limit=7)
    whole = everything(client, path, 2, sort=direction + sort, limit=200)
    assert pages == whole
    assert len({one["id"] for one in pages}) == len(pages)
    values = [value_of(one, sort) for one in pages]
    known = [value for value in values if value is not None]
    assert values[: len(known)] == known
    assert known == sorted(known, reverse=direction == "-")


def value_of(one: dict[str, Any], sort: str) -> Any:
    if sort.endswith("_rate"):
        return one["rates"][sort.removesuffix("_rate")]["value"]
    if sort == "recipients":
        return one["recipients"]["total"]
    return one["name"].lower() if sort == "name" else one[sort]


def test_filters_leave_exactly_what_they_name(client: FlaskClient) -> None:
    whole = everything(client, CAMPAIGNS, 1, limit=200)
    middle = whole[len(whole) // 2]
    for parameters, wanted in (
        ({"channel": "email"}, lambda one: one["channel"] == "email"),
        ({"status": "completed"}, lambda one: one["status"] == "completed"),
        ({"q": middle["name"][2:7].upper()}, lambda one: middle["name"][2:7].lower() in one["name"].lower()),
        ({"from": middle["created_at"]}, lambda one: one["created_at"] >= middle["created_at"]),
        ({"to": middle["created_at"]}, lambda one: one["created_at"] < middle["created_at"]),
        ({"q": "%"}, lambda one: "%" in one["name"]),
    ):
        found = everything(client, CAMPAIGNS, 1, limit=200, **parameters)
        assert found == [one for one in whole if wanted(one)], parameters
    assert 0 < len(everything(client, CAMPAIGNS, 1, channel="email")) < len(whole)
    recent = everything(client, CAMPAIGNS, 1, range="7d", tz="Asia/Kolkata")
    assert 0 < len(recent) < len(whole)


def test_a_page_behind_the_last_is_empty_and_still_says_how_many_there_are(client: FlaskClient) -> None:
    body = get(client, CAMPAIGNS, offset=5_000)
    assert body["results"] == []
    assert body["total"] == len(everything(client, CAMPAIGNS, 1)) > 0
    assert (body["limit"], body["offset"], body["sort"]) == (50, 5_000, "-created_at")


@pytest.mark.parametrize("path", [CAMPAIGNS, JOBS])
@pytest.mark.parametrize(
    "parameters",
    [
        {"limit": 0}, {"limit": 201}, {"offset": -1}, {"offset": 10**12}, {"sort": "id"}, {"channel": "+39"}, {"q": ""},
        {"status": "x" * 33}, {"range": "7d", "from": "2026-01-01"}, {"from": "yesterday"}, {"tz": "Mars"}, {"page": 2},
        {"from": "2026-02-02", "to": "2026-02-01"},
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_named(client: FlaskClient, path: str, parameters: dict[str, object]) -> None:
    response = client.get(path, query_string=parameters, headers={"X-API-Key": demo_api_key(7, 1)})
    assert response.status_code == 400
    assert any(name in response.get_json()["detail"] for name in parameters)


@pytest.mark.parametrize("path", [CAMPAIGNS, JOBS])
def test_anothers_is_as_unknown_as_one_that_never_was(client: FlaskClient, path: str) -> None:
    mine = {one["id"] for one in everything(client, path, 1, limit=200)}
    others = {one["id"] for one in everything(client, path, 2, limit=200)}
    assert not mine & others
    kind = "campaign" if path == CAMPAIGNS else "email-job"
    for id_ in (min(others), 999_999_999, 2**63 - 1):
        response = client.get(f"{path}{id_}/", headers={"X-API-Key": demo_api_key(7, 1)})
        assert response.status_code == 404
        assert response.get_json()["detail"] == f"There is no {kind} {id_}."
    for impossible in (2**63, 10**30):
        assert client.get(f"{path}{impossible}/", headers={"X-API-Key": demo_api_key(7, 1)}).status_code == 404


@pytest.mark.parametrize(
    ("path", "point", "errors"),
    [(CAMPAIGNS, CAMPAIGN_POINT, CAMPAIGN_ERRORS), (JOBS, JOB_POINT, JOB_ERRORS)],
    ids=["campaigns", "jobs"],
)
def test_one_over_time_and_its_failures_are_those_of_the_operational_database(
    client: FlaskClient, loaded: Settings, path: str, point: str, errors: str
) -> None:
    listed = everything(client, path, 1, limit=200)
    for one in [*listed[:3], *listed[len(listed) // 2 :][:2], *listed[-2:]]:
        body = get(client, f"{path}{one['id']}/", tz="Asia/Kolkata")
        assert {name: body[name] for name in one} == one
        assert sum(bucket["outbound"] for bucket in body["time_series"]) == one["recipients"]["total"]
        check_course(loaded, body, point)
        check_failures(body, ask(loaded, errors, id=one["id"]))


def check_course(settings: Settings, body: dict[str, Any], point: str) -> None:
    starts = [datetime.fromisoformat(bucket["at"]) for bucket in body["time_series"]]
    ends = [*starts[1:], datetime.fromisoformat(body["window"]["end"])]
    for bucket, start, end in zip(body["time_series"], starts, ends, strict=True):
        (expected,) = ask(settings, point, id=body["id"], start=start, end=end)
        assert {name: bucket[name] for name in expected} == expected


def check_failures(body: dict[str, Any], errors: list[dict[str, Any]]) -> None:
    expected: dict[str, int] = {}
    for channel, text in (row.values() for row in errors):
        reason = classify(text, channel).reason.value
        expected[reason] = expected.get(reason, 0) + 1
    assert {reason["reason"]: reason["count"] for reason in body["failure_reasons"]} == expected
    assert sum(expected.values()) == body["recipients"]["failed"]
    for reason in body["failure_reasons"]:
        assert reason["share"] == pytest.approx(reason["count"] / body["recipients"]["failed"])
        assert all(text["count"] <= reason["count"] for text in reason["templates"])


@pytest.fixture(scope="module")
def aged(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Campaigns whose single rows are kept, of which days are kept, and of which only totals are left."""
    home = tmp_path_factory.mktemp("aged")
    settings = new_warehouse(new_database, home)
    fill(settings.required("source_url"), messages=100, seed=7, now=datetime.now(UTC), days=2)
    with open_connection(settings.required("source_url"), autocommit=True) as connection:
        writer = PlatformWriter(connection, utc_now())
        for number, days in enumerate((4, 26, 45, 100, 300, 400, 500)):
            writer.campaign(4 + 6 * number, timedelta(days=days))
    refresh(settings)
    return settings


@pytest.mark.parametrize(
    ("path", "point", "errors"),
    [(CAMPAIGNS, CAMPAIGN_POINT, CAMPAIGN_ERRORS), (JOBS, JOB_POINT, JOB_ERRORS)],
    ids=["campaigns", "jobs"],
)
def test_old_ones_are_told_by_day_or_in_total_and_say_so(aged: Settings, path: str, point: str, errors: str) -> None:
    intervals = []
    with api_client(aged) as client:
        for listed in everything(client, path, 1, q="News", to=(utc_now() - timedelta(days=3)).isoformat()):
            body = get(client, f"{path}{listed['id']}/")
            check_failures(body, ask(aged, errors, id=body["id"]))
            if body["window"]:
                check_course(aged, body, point)
            age = utc_now() - datetime.fromisoformat(body["created_at"])
            shown = sum(bucket["outbound"] for bucket in body["time_series"])
            assert shown == (body["recipients"]["total"] if age < timedelta(days=365) else 0)
            assert ("only totals are left" in " ".join(body["notices"])) == (age > timedelta(days=365))
            assert ("only whole UTC days" in " ".join(body["notices"])) == (
                timedelta(days=30) < age < timedelta(days=365)
            )
            intervals.append(body["interval"])
    assert intervals == ["5m", "5m", "1d", "1d", "1d", "1d", "1d"]


def test_a_window_shows_what_lies_in_it_while_counts_stay_whole(client: FlaskClient) -> None:
    newest = next(one for one in everything(client, CAMPAIGNS, 1) if one["recipients"]["total"])
    path = f"{CAMPAIGNS}{newest['id']}/"
    whole = get(client, path)
    windowed = get(client, path, range="30d", interval="1d", tz="Asia/Kathmandu")
    assert windowed["recipients"] == whole["recipients"]
    assert windowed["failure_reasons"] == whole["failure_reasons"]
    assert 30 <= len(windowed["time_series"]) <= 32
    assert sum(bucket["outbound"] for bucket in windowed["time_series"]) == newest["recipients"]["total"]


def test_a_campaign_names_its_email_jobs(client: FlaskClient) -> None:
    jobs = [one for one in everything(client, JOBS, 1, limit=200) if one["campaign_id"]]
    for job in jobs[:3]:
        named = get(client, f"{CAMPAIGNS}{job['campaign_id']}/")["email_jobs"]
        assert job["id"] in {one["id"] for one in named}
        listed = everything(client, JOBS, 1, campaign_id=job["campaign_id"])
        assert {one["id"] for one in listed} == {one["id"] for one in named}


def test_an_answer_is_a_table_too(client: FlaskClient) -> None:
    headers = {"X-API-Key": demo_api_key(7, 1), "Accept": "text/csv"}
    for path in (CAMPAIGNS, JOBS):
        listed = get(client, path)["results"]
        response = client.get(path, headers=headers)
        rows = list(csv.DictReader(io.StringIO(response.text)))
        assert response.headers["X-Total-Count"]
        assert [row["id"] for row in rows] == [str(one["id"]) for one in listed]
        assert [row["failed"] for row in rows] == [str(one["recipients"]["failed"]) for one in listed]
        one = client.get(f"{path}{listed[0]['id']}/", headers=headers)
        series = list(csv.DictReader(io.StringIO(one.text)))
        assert sum(int(row["outbound"]) for row in series) == listed[0]["recipients"]["total"]
        assert all(datetime.fromisoformat(row["at"]).tzinfo == UTC for row in series)
