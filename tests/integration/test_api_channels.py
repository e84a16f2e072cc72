"""Channels beside the known four: rows of any come through a pass and stand where theirs do."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from alerts.evaluate import evaluate_organizations
from alerts.replay import Asked, replay
from alerts.thresholds import Thresholds, load_defaults
from alerts.vocabulary import Rule
from api.access.identity import issue_token
from api.openapi.document import openapi_document
from demo.schema import create_schema
from tests.integration.conftest import SECRET_KEY, api_client, new_warehouse
from tests.integration.platform_writer import PlatformWriter, open_connection
from warehouse.lake.connection import open_lake
from warehouse.refresh import refresh
from warehouse.settings import Settings
from warehouse.verify.run import verify

NOW = datetime.now(UTC)
KNOWN = ("whatsapp", "email", "telegram", "instagram")
WRITTEN = {
    " SMS": "sms", "sms": "sms", "facebook": "facebook", "": "", "<b>bold</b>": "other", "=1+1": "other",
}  # fmt: skip
"""What the platform wrote, and what it is called."""
OTHERS = sorted({*WRITTEN.values()})
HEADERS = {"Authorization": f"Bearer {issue_token(SECRET_KEY, 1, timedelta(hours=2))}", "X-Org-ID": "1"}
DETAILS, EVENTS, MESSAGES = (f"/api/monitoring/{name}/" for name in ("details", "events", "messages"))
SINCE = {"from": "2000-01-01"}


@pytest.fixture(scope="module")
def platform(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("channels")
    settings = new_warehouse(new_database, home, rate_limit="")
    create_schema(settings.required("source_url"))
    with open_connection(settings.required("source_url"), autocommit=True) as connection:
        writer = PlatformWriter(connection, NOW - timedelta(minutes=6))
        writer.people()
        for place, channel in enumerate(WRITTEN):
            for number in range(40):
                # All of the first organization, in every state.
                age = timedelta(seconds=number) if number % 2 else timedelta(days=number // 2)
                writer.outbound(place * 80 + number * 2, channel, age)
                writer.callback(place * 80 + number * 2, channel, age)
        writer.campaign(4, timedelta(days=1))
        connection.execute("update messaging_campaign set channel = 'sms' where organization_id = 1")
        connection.execute(
            "insert into messaging_inboundmessage (channel, payload, received_at, created_at, organization_id)"
            " select channel, '{}', now() - interval '1 hour', now(), 1 from unnest(%s::text[]) channel",
            ([*WRITTEN],),
        )
        connection.execute(
            "insert into auth_user (id, password, is_superuser, username, first_name, last_name, email, is_staff,"
            " is_active, date_joined) values (1, '', false, 'u', '', '', '', false, true, now())"
        )
        connection.execute(
            "insert into organizations_membership (role, created_at, organization_id, user_id)"
            " values ('admin', now(), 1, 1)"
        )
    refresh(settings)
    return settings


@pytest.fixture(scope="module")
def client(platform: Settings) -> Iterator[FlaskClient]:
    with api_client(platform) as client:
        yield client


def got(client: FlaskClient, path: str, **asked: object) -> Any:
    response = client.get(path, query_string=asked, headers=HEADERS)
    assert response.status_code == 200, response.text
    return response.get_json()


def written(settings: Settings, sql: str) -> dict[str, int]:
    """Rows by the name of their channel, counted in the operational database."""
    counts = dict.fromkeys(OTHERS, 0)
    with psycopg.connect(settings.required("source_url")) as source:
        for channel, count in source.execute(sql.encode()).fetchall():
            counts[WRITTEN[channel]] += count
    return counts


OUTBOUND = "select channel, count(*) from messaging_outboundmessage where organization_id = 1 group by 1"
FAILED = (
    "select channel, count(*) from messaging_outboundmessage where organization_id = 1 and status = 'failed' group by 1"
)
CALLBACKS = "select channel, count(*) from messaging_providerevent where organization_id = 1 group by 1"
INBOUND = "select channel, count(*) from messaging_inboundmessage where organization_id = 1 group by 1"


def test_every_figure_is_the_operational_databases_and_every_channel_has_its_name_there_too(platform: Settings) -> None:
    assert verify(platform).differences == ()
    with open_lake(platform, read_only=True) as lake:
        found = {name for (name,) in lake.execute("select distinct channel from lake.rollup.channel_total").fetchall()}
    assert found >= {*OTHERS}


@pytest.mark.parametrize(("path", "key"), [("/api/metrics/", "channels"), ("/api/metrics/", "callback_latency")] + [
    (DETAILS, key) for key in ("per_channel", "time_series", "top_failure_reasons", "callback_latency")
])  # fmt: skip
def test_the_known_come_first_and_then_those_that_occur(client: FlaskClient, path: str, key: str) -> None:
    for asked in ({"range": "90d"}, {"from": "2000-01-01"}):
        assert list(got(client, path, **asked)[key]) == [*KNOWN, *OTHERS]


def test_a_channel_of_other_days_is_in_the_overview_of_a_window_without_it(client: FlaskClient) -> None:
    asked = {"from": (NOW - timedelta(days=200)).isoformat(), "to": (NOW - timedelta(days=199)).isoformat()}
    body = got(client, "/api/metrics/", **asked)
    assert list(body["channels"]) == list(body["callback_latency"]) == [*KNOWN, *OTHERS]


def test_their_counts_are_those_of_the_operational_database(client: FlaskClient, platform: Settings) -> None:
    metrics, details = got(client, "/api/metrics/"), got(client, DETAILS, **SINCE)
    for name in OTHERS:
        total = metrics["channels"][name]["total"]
        expected = [written(platform, sql)[name] for sql in (OUTBOUND, INBOUND, FAILED, CALLBACKS)]
        assert [total[key] for key in ("outbound", "inbound", "failed", "callbacks")] == expected
        assert min(expected) > 0
        assert details["per_channel"][name]["total"] == expected[0]
        assert details["top_failure_reasons"][name]["total"] == expected[2]
        assert sum(point["outbound"] for point in details["time_series"][name]) == expected[0]
    assert metrics["outbound"] == sum(channel["total"]["outbound"] for channel in metrics["channels"].values())


@pytest.mark.parametrize("name", ["facebook", "other", "sms", "whatsapp"])
def test_each_can_be_asked_for_alone(client: FlaskClient, platform: Settings, name: str) -> None:
    body = got(client, DETAILS, channel=f" {name.upper()} ", **SINCE)
    assert list(body["time_series"]) == list(body["callback_latency"]) == list(body["top_failure_reasons"]) == [name]
    events, messages = (written(platform, sql).get(name, 0) for sql in (CALLBACKS, OUTBOUND))
    found = [event["channel"] for event in got(client, EVENTS, channel=name, limit=1000, **SINCE)]
    assert found == [name] * events
    for direction, count in (("outbound", messages), ("inbound", written(platform, INBOUND).get(name, 0))):
        found = got(client, MESSAGES, channel=name, direction=direction, limit=1000)["results"]
        assert [one["channel"] for one in found if one["source"] != "email"] == [name] * count


def test_one_that_nobody_has_written_to_is_answered_with_nothing(client: FlaskClient) -> None:
    body = got(client, DETAILS, channel="Fax", **SINCE)
    assert (list(body["time_series"]), body["summary"]["outbound"]) == (["fax"], 0)
    assert got(client, EVENTS, channel="fax") == got(client, "/api/monitoring/alerts/", channel="fax") == []
    for path in (MESSAGES, "/api/monitoring/campaigns/", "/api/monitoring/email-jobs/"):
        assert got(client, path, channel="fax")["results"] == []


def test_a_campaign_may_be_of_any_channel(client: FlaskClient) -> None:
    listed = got(client, "/api/monitoring/campaigns/", channel="SMS")["results"]
    assert [one["channel"] for one in listed] == ["sms"]
    assert got(client, f"/api/monitoring/campaigns/{listed[0]['id']}/")["channel"] == "sms"


@pytest.mark.parametrize("name", ["", " ", "x" * 65, "a\nb", "+39 055 123", "<b>"])
def test_what_can_be_no_channel_is_refused_by_name_wherever_one_is_taken(client: FlaskClient, name: str) -> None:
    document = openapi_document(client.application)["paths"]
    taking = [
        (path, method) for path, item in document.items() for method, operation in item.items()
        if "channel" in {one.get("name") for one in operation["parameters"]}
    ]  # fmt: skip
    assert len(taking) >= 7
    for path, method in taking:
        asked = {"channel": name, "rule": "latency"} if method == "delete" else {"channel": name}
        response = client.open(path, method=method, query_string=asked, headers=HEADERS)
        assert (path, response.status_code) == (path, 400)
        assert "Parameter 'channel': a channel is a word such as whatsapp or sms" in response.get_json()["detail"]
    for path, body in (("mutes", {"until": "2999-01-01"}), ("thresholds", {"rule": "latency", "values": {"warn": 1}})):
        method = "POST" if path == "mutes" else "PUT"
        response = client.open(
            f"/api/monitoring/alerts/{path}/", method=method, json={**body, "channel": name}, headers=HEADERS
        )
        assert (response.status_code, "Key 'channel'" in response.get_json()["detail"]) == (400, True)


@pytest.mark.parametrize(("path", "column"), [("/api/metrics/", "channel"), (DETAILS, "channel")])
def test_they_stand_in_tables(client: FlaskClient, path: str, column: str) -> None:
    response = client.get(path, query_string={**SINCE, "format": "csv"}, headers=HEADERS)
    found = {row[column] for row in csv.DictReader(io.StringIO(response.text))}
    assert found == {*KNOWN, *OTHERS}


def test_alerts_of_any_channel_open_are_found_muted_and_have_limits_of_their_own(
    client: FlaskClient, platform: Settings
) -> None:
    alerts = "/api/monitoring/alerts/"
    limits = {"rule": "integration_missing", "channel": "SMS", "values": {"warn": 500_000, "critical": 900_000}}
    put = client.put(f"{alerts}thresholds/", json=limits, headers=HEADERS)
    assert (put.status_code, put.get_json()["applied"]["sms"]["warn"]) == (200, 500_000)
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    mute = client.post(f"{alerts}mutes/", json={"channel": "Facebook", "until": until}, headers=HEADERS)
    assert mute.get_json()["channel"] == "facebook"
    # The second evaluation finds that what was on hold has lasted.
    evaluate_organizations(platform, NOW)
    with psycopg.connect(platform.required("warehouse_url")) as store:
        store.execute("update alert.pending set since = since - interval '1 hour'")
    evaluate_organizations(platform, NOW)
    found = {one["channel"]: one["title"] for one in got(client, alerts, rule="integration_missing", limit=500)}
    assert found.keys() == {None, "facebook", "other"}
    assert found["facebook"].startswith("Facebook: used")
    assert found[None].startswith("No channel: used")
    assert [one["channel"] for one in got(client, alerts, rule="integration_missing", channel="FACEBOOK")] == [
        "facebook"
    ]
    with psycopg.connect(platform.required("warehouse_url")) as store:
        told = store.execute("select channel, is_told from alert.alert where rule = 'integration_missing'").fetchall()
    assert {channel: is_told for channel, is_told in told if channel in ("facebook", "other")} == {
        "facebook": False, "other": True,
    }  # fmt: skip
    undone = client.delete(f"{alerts}thresholds/?rule=integration_missing&channel=sms", headers=HEADERS)
    assert (undone.status_code, "sms" in undone.get_json()["applied"]) == (200, False)


def test_a_replay_tells_of_any_channel(platform: Settings) -> None:
    thresholds = Thresholds(load_defaults(), {(1, Rule.INTEGRATION_MISSING, "sms"): {"warn": 900, "critical": 900}})
    asked = Asked(NOW - timedelta(hours=1), NOW, organization_id=1, rule=Rule.INTEGRATION_MISSING)
    with open_lake(platform, read_only=True) as lake:
        found = {episode.fingerprint.channel: episode.title for episode in replay(lake, thresholds, asked)}
    assert {*OTHERS} - found.keys() == {"sms"}
    assert found["facebook"].startswith("Facebook: used")
