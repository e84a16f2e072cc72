"""Alerts over HTTP: what members see, who may act, and that of two who act one is told where the alert is."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from alerts.database import store
from alerts.migrations import upgrade
from alerts.vocabulary import OPERATIONS, Rule, Severity
from api.access.identity import issue_token
from demo.history import fill
from demo.people import ADMIN_USER_ID, BIGGEST_ORGANIZATION_ID, VIEWER_USER_ID
from tests.integration.alert_ground import an_alert, history
from tests.integration.conftest import SECRET_KEY, api_client, new_warehouse
from warehouse.refresh import refresh
from warehouse.settings import Settings

PATH = "/api/monitoring/alerts/"
ORG = BIGGEST_ORGANIZATION_ID
NOW = datetime.now(UTC)


def bearer(user_id: int) -> dict[str, str]:
    token = issue_token(SECRET_KEY, user_id, timedelta(hours=5))
    return {"Authorization": f"Bearer {token}", "X-Org-ID": str(ORG)}


ADMIN, VIEWER = bearer(ADMIN_USER_ID), bearer(VIEWER_USER_ID)


@pytest.fixture(scope="module")
def settings(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("alerts")
    settings = new_warehouse(new_database, home, runbook_url="https://docs.example/alerts")
    fill(settings.required("source_url"), messages=600, seed=3, now=NOW, days=3)
    refresh(settings)
    return settings


@pytest.fixture(scope="module")
def engine(settings: Settings) -> Iterator[Engine]:
    upgrade(settings)
    with store(settings) as engine:
        yield engine


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[FlaskClient]:
    with api_client(settings) as client:
        yield client


def got(client: FlaskClient, path: str = PATH, headers: dict[str, str] = ADMIN) -> Any:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_the_list_is_a_bare_array_with_the_keys_of_todays_clients_and_the_new_ones(
    client: FlaskClient, engine: Engine
) -> None:
    alert_id = an_alert(engine, ORG, subject="keys", at=NOW)
    answer = client.get(PATH, headers=VIEWER)
    found = next(alert for alert in answer.json if alert["id"] == alert_id)
    assert {"id", "category", "severity", "message", "metadata", "created_at", "is_acknowledged"} < found.keys()
    assert (found["status"], found["is_acknowledged"], found["category"]) == ("open", False, "latency")
    assert found["runbook"] == "https://docs.example/alerts#latency"
    assert found["related"] == {
        "campaign_id": None, "email_job_id": None, "outbound_message_id": None, "booking_id": None,
    }  # fmt: skip
    assert answer.headers["X-As-Of"].endswith("Z")
    assert int(answer.headers["X-Total-Count"]) >= 1


def test_filters_and_pages(client: FlaskClient, engine: Engine) -> None:
    for number in range(5):
        an_alert(engine, ORG, rule=Rule.BOUNCES, subject=str(number), severity=Severity.INFO,
                 at=NOW - timedelta(days=1, minutes=number))  # fmt: skip
    page = client.get(PATH + "?rule=bounces&severity=info&limit=2&offset=2&channel=email&q=SLOW", headers=ADMIN)
    assert [alert["rule"] for alert in page.json] == ["bounces", "bounces"]
    assert page.headers["X-Total-Count"] == "5"
    assert 'offset=4>; rel="next"' in page.headers["Link"]
    assert 'offset=0>; rel="prev"' in page.headers["Link"]
    day = (NOW - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    assert got(client, f"{PATH}?rule=bounces&from={day}") == []
    assert len(got(client, f"{PATH}?rule=bounces&to={day}")) == 5
    assert got(client, PATH + "?status=resolved&rule=bounces") == []
    assert client.get(PATH + "?severity=warning", headers=ADMIN).status_code == 400


def test_an_alert_that_opens_between_two_pages_repeats_nothing(client: FlaskClient, engine: Engine) -> None:
    ages = [timedelta(days=2, minutes=number // 2) for number in range(6)]
    there = [an_alert(engine, ORG, rule=Rule.BOOKING_ERRORS, subject=f"page {number}", at=NOW - age)
             for number, age in enumerate(ages)]  # fmt: skip
    path, found = f"{PATH}?rule=booking_errors&limit=2", list[int]()
    while path:
        answer = client.get(path, headers=VIEWER)
        found += [alert["id"] for alert in answer.json]
        an_alert(engine, ORG, rule=Rule.BOOKING_ERRORS, subject=f"new {len(found)}", at=NOW)
        path = "".join(re.findall(r'<([^>]+)>; rel="next"', answer.headers["Link"]))
    assert found == [there[place] for place in (1, 0, 3, 2, 5, 4)]
    assert client.get(f"{PATH}?cursor=9-{10**19 - 1}", headers=VIEWER).json == []
    assert client.get(f"{PATH}?cursor=9-9&offset=1", headers=VIEWER).status_code == 400


def test_another_organizations_alerts_are_not_there(client: FlaskClient, engine: Engine) -> None:
    foreign = an_alert(engine, ORG + 1, subject="foreign", at=NOW)
    assert foreign not in [alert["id"] for alert in got(client, PATH + "?limit=500")]
    assert client.get(f"{PATH}{foreign}/", headers=ADMIN).status_code == 404
    assert client.post(f"{PATH}{foreign}/ack/", headers=ADMIN).status_code == 404


def test_everybody_sees_an_alert_of_the_operations_and_nobody_acts_on_it_here(
    client: FlaskClient, engine: Engine
) -> None:
    alert_id = an_alert(engine, OPERATIONS, rule=Rule.STALE_PIPELINE, channel="", at=NOW)
    found = next(alert for alert in got(client, headers=VIEWER) if alert["id"] == alert_id)
    assert (found["is_operations"], found["channel"]) == (True, None)
    assert client.post(f"{PATH}{alert_id}/ack/", headers=ADMIN).status_code == 403


def test_a_change_is_seen_at_once_although_answers_are_kept(client: FlaskClient, engine: Engine) -> None:
    alert_id = an_alert(engine, ORG, subject="seen", at=NOW)
    before = client.get(f"{PATH}{alert_id}/", headers=ADMIN)
    acked = client.post(
        f"{PATH}{alert_id}/ack/", headers={**ADMIN, "X-Request-ID": "r-77"}, json={"note": "I look at it"}
    )
    assert (acked.status_code, acked.json["status"], acked.json["acked_by"]) == (200, "acked", ADMIN_USER_ID)
    after = client.get(f"{PATH}{alert_id}/", headers={**ADMIN, "If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert [(event["by"], event["request_id"], event["note"]) for event in after.json["history"]][-1] == (
        ADMIN_USER_ID, "r-77", "I look at it",
    )  # fmt: skip


def test_acting_is_for_the_roles_that_are_set(client: FlaskClient, engine: Engine) -> None:
    alert_id = an_alert(engine, ORG, subject="roles", at=NOW)
    for path, body in (
        (f"{PATH}{alert_id}/ack/", None),
        (f"{PATH}bulk/", {"ids": [alert_id], "action": "ack"}),
        (PATH, {"id": alert_id}),
        (f"{PATH}mutes/", {"until": "2100-01-01"}),
    ):
        assert client.post(path, headers=VIEWER, json=body).status_code == 403
    assert client.put(PATH + "thresholds/", headers=VIEWER, json={}).status_code == 403


def test_who_comes_second_gets_409_with_the_alert_as_it_is(client: FlaskClient, engine: Engine) -> None:
    alert_id = an_alert(engine, ORG, subject="second", at=NOW)
    assert client.post(f"{PATH}{alert_id}/resolve/", headers=ADMIN).status_code == 200
    late = client.post(f"{PATH}{alert_id}/ack/", headers=ADMIN)
    assert (late.status_code, late.json["alert"]["status"]) == (409, "resolved")
    assert "reopen it first" in late.json["detail"]
    assert client.post(f"{PATH}{alert_id}/reopen/", headers=ADMIN).json["status"] == "open"


def test_of_twenty_requests_at_once_one_wins(settings: Settings, engine: Engine) -> None:
    alert_id = an_alert(engine, ORG, subject="at once", at=NOW)

    with api_client(settings) as client:
        app = client.application

        def ack(_: int) -> int:
            return app.test_client().post(f"{PATH}{alert_id}/ack/", headers=ADMIN).status_code

        with ThreadPoolExecutor(20) as pool:
            statuses = sorted(pool.map(ack, range(20)))
    assert statuses == [200] + [409] * 19
    assert len(history(engine, alert_id)) == 2


def test_many_at_once_each_by_itself(client: FlaskClient, engine: Engine) -> None:
    first, second = (an_alert(engine, ORG, subject=f"bulk {n}", at=NOW) for n in range(2))
    client.post(f"{PATH}{second}/resolve/", headers=ADMIN)
    answer = client.post(
        f"{PATH}bulk/", headers=ADMIN, json={"ids": [first, second, 10**9], "action": "resolve", "note": "all"}
    )
    assert [(item["outcome"], item["status"]) for item in answer.json["results"]] == [
        ("ok", "resolved"), ("conflict", "resolved"), ("not_found", None),
    ]  # fmt: skip


def test_todays_clients_acknowledge_as_they_always_did(client: FlaskClient, engine: Engine) -> None:
    alert_id = an_alert(engine, ORG, subject="old", at=NOW)
    for acknowledge in (True, True, False, False):
        answer = client.post(PATH, headers=ADMIN, json={"id": alert_id, "acknowledge": acknowledge})
        assert answer.json == {"status": "ok", "is_acknowledged": acknowledge}
    missing = client.post(PATH, headers=ADMIN, json={"acknowledge": True})
    assert (missing.status_code, missing.json["detail"]) == (400, "id required")
    unknown = client.post(PATH, headers=ADMIN, json={"id": 10**9})
    assert (unknown.status_code, unknown.json["detail"]) == (404, "Not found")


def test_thresholds_are_replaced_checked_and_given_back(client: FlaskClient) -> None:
    path = PATH + "thresholds/"
    body = {"rule": "latency", "channel": "whatsapp", "values": {"warn": 5000, "clear": 4000}}
    put = client.put(path, headers=ADMIN, json=body)
    assert put.json["own"] == {"whatsapp": {"warn": 5000.0, "clear": 4000.0}}
    assert put.json["applied"]["whatsapp"]["origin"] == "organization, whatsapp"
    assert put.json["applied"]["telegram"]["origin"] == "default"
    bad = client.put(path, headers=ADMIN, json={**body, "values": {"clear_minutes": 1}})
    assert (bad.status_code, "buckets of 5 minutes" in bad.json["detail"]) == (400, True)
    never = client.put(path, headers=ADMIN, json={"rule": "bounces", "values": {"warn": 0, "clear": 0}})
    assert (never.status_code, "from 0.001 to 100 percent" in never.json["detail"]) == (400, True)
    found = {each["rule"]: each for each in got(client, path, VIEWER)["thresholds"]}
    assert (found["bounces"]["least"], found["bounces"]["most"]) == (0.001, 100)
    assert set(found) == set(Rule)
    assert found["latency"]["own"]
    assert client.delete(f"{path}?rule=latency&channel=whatsapp", headers=ADMIN).json["own"] == {}
    assert client.delete(f"{path}?rule=latency&channel=whatsapp", headers=ADMIN).status_code == 404


def test_mutes_begin_stand_and_end(client: FlaskClient) -> None:
    path = PATH + "mutes/"
    until = (NOW + timedelta(hours=2)).isoformat()
    made = client.post(path, headers=ADMIN, json={"rule": "latency", "until": until, "note": "moving"}).json
    assert (made["rule"], made["channel"], made["note"]) == ("latency", None, "moving")
    assert [mute["id"] for mute in got(client, path, VIEWER)["mutes"]] == [made["id"]]
    assert client.delete(f"{path}{made['id']}/", headers=ADMIN).status_code == 200
    assert got(client, path)["mutes"] == []
    past = client.post(path, headers=ADMIN, json={"until": "2020-01-01"})
    assert past.status_code == 400


def test_overviews_count_them(client: FlaskClient, engine: Engine) -> None:
    def count() -> tuple[int, int, int]:
        metrics, summary = got(client, "/api/metrics/"), got(client, "/api/monitoring/summary/?range=24h")
        assert metrics["alerts"] == summary["alerts"]
        assert summary["now"]["alerts_open"] == metrics["alerts_open"]
        assert sum(summary["sparklines"]["alerts"]["values"]) == summary["figures"]["alerts"]["value"]
        return metrics["alerts"]["critical"]["open"], metrics["alerts_open"], summary["figures"]["alerts"]["value"]

    before = count()
    an_alert(engine, ORG, subject="counted", at=NOW - timedelta(hours=1))
    assert count() == tuple(number + 1 for number in before)
    details = got(client, "/api/monitoring/details/?range=24h&channel=email")
    assert details["summary"]["alerts_today"] == count()[2]
    assert {alert["channel"] for alert in details["recent_alerts"]} == {"email"}
