"""When the lake has a new snapshot, the API goes over to it, and nobody who was looking waits for it."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.access.parts import build_parts
from demo.history import fill
from demo.people import demo_api_key
from demo.traffic.rows import Rows
from tests.integration.conftest import api_client, new_warehouse
from warehouse.lake.versions import latest_snapshot
from warehouse.refresh import refresh
from warehouse.settings import Settings

ORGANIZATION_ID = 1
HEADERS = {"X-API-Key": demo_api_key(7, ORGANIZATION_ID)}
PANELS = ("/api/metrics/?range=7d", "/api/monitoring/summary/?range=7d", "/api/monitoring/details/?range=7d")
LONG_SECONDS = 60


@pytest.fixture(scope="module")
def platform(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = new_warehouse(new_database, tmp_path_factory.mktemp("going-over"), going_over_seconds=LONG_SECONDS)
    fill(settings.required("source_url"), messages=300, seed=7, now=datetime.now(UTC), days=3)
    refresh(settings)
    return settings


@pytest.fixture
def client(platform: Settings) -> Iterator[FlaskClient]:
    """Of an API that goes over by itself."""
    with api_client(platform) as client:
        yield client


def send_one(settings: Settings) -> None:
    """One more message, and the pass that brings it."""
    now = datetime.now(UTC)
    with psycopg.connect(settings.required("source_url"), autocommit=True) as source:
        row = source.execute(
            "select id from contacts_contact where organization_id = %s limit 1", (ORGANIZATION_ID,)
        ).fetchone()
        assert row is not None
        Rows(source).insert(
            "messaging_outboundmessage", channel="whatsapp", body="Hello", trace_id="", status="sent", error="",
            created_at=now, updated_at=now, contact_id=row[0], organization_id=ORGANIZATION_ID,
        )  # fmt: skip
    refresh(settings)


def asked_until_newer(client: FlaskClient, than: dict[str, Any]) -> list[dict[str, Any]]:
    """The panels' answers, asked again and again until one has newer figures than this one."""
    deadline, answers = time.monotonic() + LONG_SECONDS, []
    while time.monotonic() < deadline:
        answers += [asked(client, path) for path in PANELS]
        if answers[-1]["as_of"] > than["as_of"]:
            return answers
    raise AssertionError(f"still figures of {than['as_of']} after {LONG_SECONDS} s")


def asked(client: FlaskClient, path: str) -> dict[str, Any]:
    response = client.get(path, headers=HEADERS)
    assert response.status_code == 200, response.get_data(as_text=True)
    body: dict[str, Any] = response.get_json()
    return body


def test_who_was_looking_finds_the_new_figures_ready(platform: Settings, client: FlaskClient) -> None:
    before = [asked(client, path) for path in PANELS]
    send_one(platform)
    answers = asked_until_newer(client, before[0])
    # Those of the snapshot before were kept, those of the new one were computed before anybody asked.
    assert {answer["cache"] for answer in answers} == {"hit"}
    assert asked(client, PANELS[0])["outbound"] == before[0]["outbound"] + 1


def test_no_panel_falls_behind_another(platform: Settings, client: FlaskClient) -> None:
    seen = [asked(client, path) for path in PANELS]
    for _ in range(3):
        send_one(platform)
        seen += asked_until_newer(client, seen[-1])
    snapshots = [answer["snapshot"] for answer in seen]
    assert snapshots == sorted(snapshots)
    assert len(set(snapshots)) >= 4


def test_what_was_never_asked_for_is_computed_from_the_snapshot_that_is_answered_from(
    platform: Settings, client: FlaskClient
) -> None:
    before = asked(client, PANELS[0])
    send_one(platform)
    newer = asked_until_newer(client, before)[-1]["snapshot"]
    other = asked(client, "/api/metrics/?range=24h")
    assert (other["cache"], other["snapshot"] >= newer) == ("miss", True)


def test_who_forces_a_refresh_gets_the_latest_at_once(platform: Settings, client: FlaskClient) -> None:
    before = asked(client, PANELS[0])
    send_one(platform)
    assert asked(client, f"{PANELS[0]}&force_refresh=true")["outbound"] == before["outbound"] + 1


def test_where_nothing_may_be_late_the_first_who_asks_gets_the_latest(platform: Settings) -> None:
    with api_client(platform.model_copy(update={"going_over_seconds": 0})) as client:
        before = asked(client, PANELS[0])
        send_one(platform)
        after = asked(client, PANELS[0])
    assert (after["outbound"], after["cache"]) == (before["outbound"] + 1, "miss")


def test_links_of_an_answer_computed_anew_lead_where_it_was_asked(platform: Settings, client: FlaskClient) -> None:
    def listed() -> TestResponse:
        return client.get("/api/monitoring/campaigns/?limit=1", headers=HEADERS, base_url="https://monitoring.example/")

    before = after = listed()
    send_one(platform)
    deadline = time.monotonic() + LONG_SECONDS
    while time.monotonic() < deadline and after.headers["X-Snapshot"] == before.headers["X-Snapshot"]:
        after = listed()
    assert after.headers["X-Cache"] == "hit"
    assert "limit=1" in after.headers["Link"]
    assert after.headers["Link"] == before.headers["Link"]


def test_a_process_is_ready_before_anybody_asks(platform: Settings) -> None:
    parts = build_parts(platform)
    parts.going_over.begin()
    deadline = time.monotonic() + LONG_SECONDS
    while time.monotonic() < deadline and parts.lakes.snapshot is None:
        time.sleep(0.01)
    assert parts.lakes.snapshot == latest_snapshot(parts.connections)
    parts.close()


def test_overviews_open_no_file(platform: Settings, client: FlaskClient) -> None:
    asked(client, PANELS[0])
    lake = Path(platform.required("lake_path"))
    away = lake.rename(lake.with_name("away"))
    try:
        answers = [asked(client, path.replace("7d", "30d")) for path in PANELS]
    finally:
        away.rename(lake)
    assert [answer["cache"] for answer in answers] == ["miss"] * len(PANELS)
    assert [asked(client, path.replace("7d", "30d"))["cache"] for path in PANELS] == ["hit"] * len(PANELS)
