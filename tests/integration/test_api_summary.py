"""The summary's figures are SQL's for its window and for the one before, and its answers say how fresh they are."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from demo.history import fill
from demo.people import demo_api_key
from tests.integration.conftest import api_client, new_warehouse
from tests.integration.platform_facts import CAMPAIGN_RECIPIENTS
from tests.integration.test_api_metrics import OUTBOUND
from tests.integration.test_queries import INBOUND_COUNTS
from warehouse.refresh import refresh
from warehouse.settings import Settings
from warehouse.source.reading import Request

PATH = "/api/monitoring/summary/"
HEADERS = {"X-API-Key": demo_api_key(7, 1)}

_IN = "organization_id = %(org)s and {at} >= %(start)s and {at} < %(end)s"
FIGURES = {
    "contacts": "select count(*) from contacts_contact where " + _IN.format(at="created_at"),
    "bookings": "select count(*) from bookings_booking where " + _IN.format(at="created_at"),
    "bookings_cancelled": "select count(*) from bookings_booking where status = 'cancelled' and "
    + _IN.format(at="created_at"),
    "campaigns": "select count(*) from messaging_campaign where " + _IN.format(at="created_at"),
    "email_jobs": "select count(*) from messaging_emailjob where " + _IN.format(at="created_at"),
    "llm_calls": "select count(*) from billing_billinglog where " + _IN.format(at="timestamp"),
    "llm_failed": "select count(*) from billing_billinglog where status = 'failed' and " + _IN.format(at="timestamp"),
    "callbacks": "select count(*) from messaging_providerevent where " + _IN.format(at="received_at"),
    "inbound": f"select coalesce(sum(n), 0) from ({INBOUND_COUNTS}) counted (channel, n)",
    "outbound": OUTBOUND + "select count(*) from sent where " + _IN.format(at="created_at"),
    "delivered": OUTBOUND
    + "select count(*) from sent where status in ('delivered', 'read') and "
    + _IN.format(at="created_at"),
    "failed": OUTBOUND + "select count(*) from sent where status = 'failed' and " + _IN.format(at="created_at"),
    "campaign_recipients": """select count(*) from messaging_campaignrecipient r
        join messaging_campaign c on c.id = r.campaign_id
        where organization_id = %(org)s and r.created_at >= %(start)s and r.created_at < %(end)s""",
    "campaign_failed": f"""select count(*) from ({CAMPAIGN_RECIPIENTS}) r
        join messaging_campaign c on c.id = r.campaign_id
        where r.status = 'failed' and organization_id = %(org)s
            and r.created_at >= %(start)s and r.created_at < %(end)s""",
    "email_recipients": """select count(*) from messaging_emailrecipient r join messaging_emailjob j on j.id = r.job_id
        where organization_id = %(org)s and r.created_at >= %(start)s and r.created_at < %(end)s""",
    "email_opened": """select count(*) from messaging_emailrecipient r join messaging_emailjob j on j.id = r.job_id
        where r.status = 'read' and organization_id = %(org)s
            and r.created_at >= %(start)s and r.created_at < %(end)s""",
}


@pytest.fixture(scope="module")
def client(loaded: Settings) -> Iterator[FlaskClient]:
    with api_client(loaded) as client:
        yield client


def ask(client: FlaskClient, **query: str) -> dict[str, Any]:
    response = client.get(PATH, query_string=query, headers=HEADERS)
    assert response.status_code == 200, response.get_json()
    body: dict[str, Any] = response.get_json()
    return body


@pytest.mark.parametrize(
    "query", [{"range": "today"}, {"range": "7d", "tz": "Asia/Kolkata"}, {"range": "30d"}, {"range": "90d"}]
)
def test_each_figure_stands_beside_that_of_the_window_before(
    client: FlaskClient, loaded: Settings, query: dict[str, str]
) -> None:
    body = ask(client, **query)
    with psycopg.connect(loaded.required("source_url")) as source:
        for name, sql in FIGURES.items():
            expected = [
                int(source.execute(sql.encode(), {"org": 1, **body[span]}).fetchall()[0][0])
                for span in ("window", "previous")
            ]
            figure = body["figures"][name]
            assert (name, figure["value"], figure["previous"]) == (name, *expected)
            assert figure["change"] == expected[0] - expected[1]
            if expected[1]:
                assert figure["change_percent"] == pytest.approx(100 * (expected[0] / expected[1] - 1))
            else:
                assert figure["change_percent"] is None


@pytest.mark.parametrize("range_", ["today", "7d", "30d"])
def test_today_s_keys_carry_the_figures_of_the_range(client: FlaskClient, range_: str) -> None:
    body = ask(client, range=range_)
    figures = {name: figure["value"] for name, figure in body["figures"].items()}
    for name in ("outbound", "delivered", "failed", "inbound"):
        assert body["totals"][f"{name}_today"] == body["totals"][f"{name}_total"] == figures[name]
    assert body["totals"]["email_read"] == figures["email_opened"]
    assert body["success_rate"] == (100 * figures["delivered"] / figures["outbound"] if figures["outbound"] else 0)
    assert body["totals"]["campaigns_active"] == body["now"]["campaigns_active"]


def test_a_sparkline_adds_up_to_its_figure(client: FlaskClient) -> None:
    body = ask(client, range="30d")
    for name, sparkline in body["sparklines"].items():
        assert sum(sparkline["values"]) == body["figures"][name]["value"], name
    assert len(body["sparklines"]["outbound"]["values"]) == 31


def test_what_is_not_held_is_nothing_to_compare_with(client: FlaskClient) -> None:
    body = ask(client, range="12m")
    assert body["previous"] is None
    assert {figure["previous"] for figure in body["figures"].values()} == {None}


def test_as_csv_a_line_is_a_figure(client: FlaskClient) -> None:
    body = ask(client, range="7d")
    text = client.get(f"{PATH}?range=7d&format=csv", headers=HEADERS).get_data(as_text=True).splitlines()
    assert text[0] == "figure,value,previous,change,change_percent"
    assert [line.split(",")[0] for line in text[1:]] == list(body["figures"])


def test_an_answer_says_how_fresh_it_is_and_is_not_sent_twice(client: FlaskClient) -> None:
    first = client.get(f"{PATH}?range=24h", headers=HEADERS)
    second = client.get(f"{PATH}?range=24h", headers=HEADERS)
    assert (first.get_json()["cache"], second.get_json()["cache"]) == ("miss", "hit")
    assert first.get_json()["refresh"] is None
    assert first.headers["ETag"] == second.headers["ETag"]
    assert first.headers["ETag"].startswith('W/"')
    assert first.headers["X-Snapshot"] == str(first.get_json()["snapshot"])
    known = client.get(f"{PATH}?range=24h", headers={**HEADERS, "If-None-Match": first.headers["ETag"]})
    assert (known.status_code, known.data) == (304, b"")
    other = client.get(f"{PATH}?range=7d", headers={**HEADERS, "If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200
    somebody = client.get(
        f"{PATH}?range=24h", headers={"X-API-Key": demo_api_key(7, 2), "If-None-Match": first.headers["ETag"]}
    )
    assert somebody.status_code == 200


def test_what_a_pass_brought_is_in_the_next_answer_whatever_is_kept(new_database: Any, tmp_path: Path) -> None:
    settings = new_warehouse(new_database, tmp_path)
    fill(settings.required("source_url"), messages=1_000, seed=7, now=datetime.now(UTC), days=9)
    refresh(settings)
    with api_client(settings) as client:
        before = client.get(PATH, headers=HEADERS)
        with psycopg.connect(settings.required("source_url")) as source:
            source.execute("delete from bookings_booking where organization_id = 1")
        refresh(settings, Request(compare_ids=True))
        after = client.get(PATH, headers={**HEADERS, "If-None-Match": before.headers["ETag"]})
        assert after.status_code == 200
        assert after.get_json()["cache"] == "miss"
        assert after.get_json()["snapshot"] > before.get_json()["snapshot"]
        assert after.get_json()["as_of"] > before.get_json()["as_of"]
        assert before.get_json()["now"]["bookings"] > 0
        assert after.get_json()["now"]["bookings"] == 0
