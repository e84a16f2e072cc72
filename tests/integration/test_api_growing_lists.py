"""Lists that grow while they are read, and rows whose ids have 64 bits."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from demo.history import fill
from demo.people import BIGGEST_ORGANIZATION_ID, demo_api_key
from tests.integration.conftest import api_client, new_warehouse
from warehouse.refresh import refresh
from warehouse.settings import Settings

ORG = BIGGEST_ORGANIZATION_ID
KEY = {"X-API-Key": demo_api_key(5, ORG)}
NOW = datetime.now(UTC)
CAMPAIGNS, JOBS = "/api/monitoring/campaigns/", "/api/monitoring/email-jobs/"
TABLES = {CAMPAIGNS: "messaging_campaign", JOBS: "messaging_emailjob"}
GREAT = 2**63 - 1000


@pytest.fixture(scope="module")
def settings(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("growing")
    settings = new_warehouse(new_database, home)
    fill(settings.required("source_url"), messages=2_000, seed=5, now=NOW, days=20)
    refresh(settings)
    return settings


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[FlaskClient]:
    with api_client(settings) as client:
        yield client


def add_copy(settings: Settings, table: str, id_: int, at: datetime, **changed: object) -> None:
    """Writes a row as an existing one is, with another id and time."""
    with psycopg.connect(settings.required("source_url")) as source:
        row = source.execute(f"select to_jsonb(r) from {table} r limit 1".encode()).fetchone()
        assert row
        values = {**row[0], **changed, "id": id_, "created_at": at.isoformat()}
        if "organization_id" in values:
            values["organization_id"] = ORG
        source.execute(
            f"insert into {table} select * from jsonb_populate_record(null::{table}, %s)".encode(),
            (psycopg.types.json.Jsonb(values),),
        )


def pages(client: FlaskClient, path: str, between: Callable[[int], None]) -> Iterator[Any]:
    number = 0
    while path:
        answer = client.get(path, headers=KEY)
        assert answer.status_code == 200, answer.text
        yield answer.json
        between(number := number + 1)
        path = "".join(re.findall(r'<([^>]+)>; rel="next"', answer.headers["Link"]))


@pytest.mark.parametrize("path", [CAMPAIGNS, JOBS])
def test_what_arrives_between_two_pages_repeats_nothing(client: FlaskClient, settings: Settings, path: str) -> None:
    before = [one["id"] for one in client.get(f"{path}?limit=200", headers=KEY).json["results"]]
    limit = max(1, len(before) // 3)

    def arrive(number: int) -> None:
        add_copy(settings, TABLES[path], 10**6 + number, datetime.now(UTC))
        refresh(settings)

    found = list(pages(client, f"{path}?limit={limit}", arrive))
    assert [one["id"] for page in found for one in page["results"]] == before
    assert len(found) >= 3
    assert [page["next_cursor"] is None for page in found] == [False] * (len(found) - 1) + [True]
    assert found[-1]["total"] == len(before) + len(found) - 1


@pytest.mark.parametrize("path", [CAMPAIGNS, JOBS])
@pytest.mark.parametrize("query", ["cursor=5-5&offset=1", "cursor=5-5&sort=name", "cursor=x"])
def test_a_cursor_where_it_can_not_be_is_named(client: FlaskClient, path: str, query: str) -> None:
    answer = client.get(f"{path}?{query}", headers=KEY)
    assert answer.status_code == 400
    assert "cursor" in answer.json["detail"]


@pytest.mark.parametrize("path", [CAMPAIGNS, JOBS])
def test_an_order_without_a_cursor_is_led_on_by_offset(client: FlaskClient, path: str) -> None:
    answer = client.get(f"{path}?limit=1&sort=name", headers=KEY)
    assert answer.json["next_cursor"] is None
    assert 'offset=1>; rel="next"' in answer.headers["Link"]


def test_ids_of_64_bits_are_in_every_list_in_full(client: FlaskClient, settings: Settings) -> None:
    recently = datetime.now(UTC) - timedelta(minutes=1)
    add_copy(settings, "messaging_campaign", GREAT, recently)
    add_copy(settings, "messaging_emailjob", GREAT + 1, recently, campaign_id=GREAT)
    add_copy(settings, "messaging_outboundmessage", GREAT + 2, recently)
    received = recently.isoformat()
    add_copy(settings, "messaging_providerevent", GREAT + 3, recently, outbound_id=GREAT + 2, received_at=received)
    refresh(settings)

    def newest(path: str, id_: int) -> Any:
        body = client.get(path, headers=KEY).json
        return next(row for row in (body if isinstance(body, list) else body["results"]) if row["id"] == id_)

    assert newest(CAMPAIGNS, GREAT)["id_text"] == str(GREAT)
    job = newest(JOBS, GREAT + 1)
    assert (job["id_text"], job["campaign_id_text"]) == (str(GREAT + 1), str(GREAT))
    assert newest("/api/monitoring/messages/?limit=1000", GREAT + 2)["id_text"] == str(GREAT + 2)
    event = newest("/api/monitoring/events/?limit=1000", GREAT + 3)
    assert (event["id_text"], event["outbound_id_text"]) == (str(GREAT + 3), str(GREAT + 2))
    one = client.get(f"{CAMPAIGNS}{GREAT}/", headers=KEY).json
    assert (one["id_text"], [each["id_text"] for each in one["email_jobs"]]) == (str(GREAT), [str(GREAT + 1)])


@pytest.mark.parametrize("path", [CAMPAIGNS, JOBS, "/api/monitoring/events/"])
def test_a_cursor_at_an_id_of_64_bits_leads_on(client: FlaskClient, path: str) -> None:
    micros = int(datetime.now(UTC).timestamp() * 1_000_000)
    answer = client.get(f"{path}?cursor={micros}-{2**63 - 1}", headers=KEY)
    assert answer.status_code == 200
    assert answer.json if isinstance(answer.json, list) else answer.json["results"]
