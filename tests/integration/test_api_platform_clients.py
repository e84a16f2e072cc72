"""A client of the platform's own monitoring API works unchanged: each request here is one that such a client sends."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from alerts.database import store
from alerts.migrations import upgrade
from alerts.vocabulary import Rule
from demo.history import fill
from demo.people import ADMIN_USER_ID
from tests.integration.alert_ground import an_alert
from tests.integration.conftest import api_client, new_warehouse
from tests.integration.test_api_identity import bearer, token
from warehouse.refresh import refresh
from warehouse.settings import Settings

ORG = 1
NOW = datetime.now(UTC)
# As simplejwt 5.3 writes it.
HEADERS = bearer(token(user_id=ADMIN_USER_ID, iat=None), **{"X-Org-ID": str(ORG)})
PLATFORM_PATHS = (
    "/api/metrics/", "/api/monitoring/summary/", "/api/monitoring/details/", "/api/monitoring/events/",
    "/api/monitoring/alerts/",
)  # fmt: skip
OUR_PATHS = ("/api/monitoring/campaigns/", "/api/monitoring/email-jobs/", "/api/monitoring/messages/",
             "/api/monitoring/alerts/thresholds/", "/api/monitoring/alerts/mutes/")  # fmt: skip
ALERTS = "/api/monitoring/alerts/"
EVENTS = "/api/monitoring/events/"


@pytest.fixture(scope="module")
def settings(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("clients")
    settings = new_warehouse(new_database, home)
    fill(settings.required("source_url"), messages=1_500, seed=5, now=NOW, days=40)
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


def got(client: FlaskClient, path: str) -> Any:
    response = client.get(path, headers=HEADERS)
    assert response.status_code == 200, response.text
    return response.get_json()


@pytest.mark.parametrize("path", PLATFORM_PATHS)
@pytest.mark.parametrize("query", ["_=1764290000000", "page=1&page=2", "range=7d&org=1", "format=json&x=%00"])
def test_a_parameter_that_is_not_known_means_nothing_on_the_platforms_paths(
    client: FlaskClient, path: str, query: str
) -> None:
    got(client, f"{path}?{query}")


@pytest.mark.parametrize("path", OUR_PATHS)
def test_elsewhere_it_is_a_mistake_that_is_named(client: FlaskClient, path: str) -> None:
    response = client.get(f"{path}?_=1", headers=HEADERS)
    assert (response.status_code, "Unknown parameter '_'" in response.get_json()["detail"]) == (400, True)


@pytest.mark.parametrize(("path", "most"), [(ALERTS, 500), (EVENTS, 1000)])
def test_any_whole_number_is_a_limit(client: FlaskClient, engine: Engine, path: str, most: int) -> None:
    an_alert(engine, ORG, subject=f"one {path}", at=NOW)
    an_alert(engine, ORG, subject=f"two {path}", at=NOW)
    everything = got(client, f"{path}?limit={most}&range=30d")
    for asked, answered in ((0, 1), (-7, 1), (1, 1), (most + 1, most), (10**30, most)):
        assert got(client, f"{path}?limit={asked}&range=30d") == everything[:answered]
    assert client.get(f"{path}?limit=ten", headers=HEADERS).status_code == 400


@pytest.mark.parametrize(("range_", "days"), [("today", None), ("7d", 7), ("30d", 30)])
def test_alerts_take_a_range_and_those_of_this_moment_are_in_it(
    client: FlaskClient, engine: Engine, range_: str, days: int | None
) -> None:
    # After the last pass, as one on figures that lag would be.
    newest = an_alert(engine, ORG, rule=Rule.LATENCY, subject=f"newest {range_}", at=datetime.now(UTC))
    ages = [timedelta(hours=1), timedelta(days=3), timedelta(days=12), timedelta(days=60)]
    made = {an_alert(engine, ORG, subject=f"{range_} {age}", at=NOW - age): NOW - age for age in ages}
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    since = NOW - timedelta(days=days) if days else midnight
    answered = {alert["id"] for alert in got(client, f"{ALERTS}?range={range_}&limit=500")}
    assert {newest} | {alert_id for alert_id, at in made.items() if at >= since} == answered & {newest, *made}
    assert {newest, *made} <= {alert["id"] for alert in got(client, f"{ALERTS}?limit=500")}


def test_events_without_a_span_are_those_of_today(client: FlaskClient, settings: Settings) -> None:
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    with psycopg.connect(settings.required("source_url")) as source:
        ids = source.execute(
            "select id from messaging_providerevent where organization_id = %s and received_at >= %s"
            " order by received_at desc, id desc limit 1000", (ORG, midnight),
        ).fetchall()  # fmt: skip
    assert [event["id"] for event in got(client, f"{EVENTS}?limit=1000")] == [id_ for (id_,) in ids]
    assert len(got(client, f"{EVENTS}?limit=1000&from=2020-01-01")) > len(ids)


def test_a_list_of_todays_events_that_is_read_past_midnight_ends_with_its_own_day(client: FlaskClient) -> None:
    everything = got(client, f"{EVENTS}?limit=1000&from=2020-01-01")
    days = [event["received_at"][:10] for event in everything]
    day = next(day for day in days if day != days[0] and days.count(day) > 2)
    mine = [event["id"] for event, its in zip(everything, days, strict=True) if its == day]
    first = next(event for event in everything if event["id"] == mine[0])
    at = datetime.fromisoformat(first["received_at"])
    cursor = f"{(at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) + 1000}-{first['id']}"
    assert [event["id"] for event in got(client, f"{EVENTS}?limit=1000&cursor={cursor}")] == mine


FORM = "application/x-www-form-urlencoded"
ACKNOWLEDGEMENTS: dict[str, Callable[[int, bool], dict[str, Any]]] = {
    "JSON": lambda id_, on: {"json": {"id": id_, "acknowledge": on}},
    "JSON with digits": lambda id_, on: {"json": {"id": str(id_), "acknowledge": on}},
    "a form": lambda id_, on: {"data": {"id": str(id_), "acknowledge": str(on).lower()}},
    "a form of another library": lambda id_, on: {"data": {"id": str(id_), "acknowledge": str(on)}},
    "a multipart form": lambda id_, on: {
        "data": {"id": str(id_), "acknowledge": str(int(on)), "csrf": "x"}, "content_type": "multipart/form-data",
    },
    "JSON that curl calls a form": lambda id_, on: {
        "data": f'{{"id": {id_}, "acknowledge": {str(on).lower()}}}', "content_type": FORM,
    },
}  # fmt: skip


@pytest.mark.parametrize("form", ACKNOWLEDGEMENTS)
def test_an_alert_is_acknowledged_and_given_back(client: FlaskClient, engine: Engine, form: str) -> None:
    alert_id = an_alert(engine, ORG, subject=form, at=NOW)
    for on in (True, True, False):
        response = client.post(ALERTS, headers=HEADERS, **ACKNOWLEDGEMENTS[form](alert_id, on))
        assert (response.status_code, response.get_json()) == (200, {"status": "ok", "is_acknowledged": on})


@pytest.mark.parametrize(
    ("sent", "status", "detail"),
    [
        ({"json": {}}, 400, "id required"),
        ({"json": {"id": None}}, 400, "id required"),
        ({"data": {"id": ""}}, 400, "id required"),
        ({"data": {"acknowledge": "true"}}, 400, "id required"),
        ({"json": {"id": "99999999"}}, 404, "Not found"),
        ({"data": {"id": "99999999"}}, 404, "Not found"),
        ({"json": {"id": "two"}}, 400, "Key 'id'"),
        ({"data": {"id": "9" * 40}}, 400, "Key 'id'"),
        ({"json": {"id": 1.5}}, 400, "Key 'id'"),
        ({"json": {"id": True}}, 400, "Key 'id'"),
        ({"data": {"id": "1", "acknowledge": "perhaps"}}, 400, "Key 'acknowledge'"),
    ],
)
def test_what_can_not_be_acknowledged_is_refused_by_name(
    client: FlaskClient, sent: dict[str, Any], status: int, detail: str
) -> None:
    response: TestResponse = client.post(ALERTS, headers=HEADERS, **sent)
    assert (response.status_code, response.get_json()["detail"][: len(detail)]) == (status, detail)


@pytest.mark.parametrize("range_", ["today", "7d", "30d"])
def test_active_campaigns_are_those_of_the_window_as_campaigns_beside_them(
    client: FlaskClient, settings: Settings, range_: str
) -> None:
    body = got(client, f"/api/monitoring/summary/?range={range_}")
    with psycopg.connect(settings.required("source_url")) as source:
        counts = source.execute(
            "select count(*), count(*) filter (where status not in ('completed', 'failed')) from messaging_campaign"
            " where organization_id = %s and created_at >= %s and created_at < %s",
            (ORG, body["window"]["start"], body["window"]["end"]),
        ).fetchone()
    assert (body["totals"]["campaigns"], body["totals"]["campaigns_active"]) == counts
    assert body["now"]["campaigns_active"] == got(client, "/api/metrics/")["campaigns_active"]


def test_the_mean_response_is_in_whole_ms(client: FlaskClient) -> None:
    mean = got(client, "/api/monitoring/summary/?range=30d")["average_response_ms"]
    exact = got(client, "/api/monitoring/details/?range=30d")["summary"]["avg_callback_latency_ms"]
    assert (type(mean), mean) == (int, round(exact))
