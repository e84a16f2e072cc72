"""`force_refresh` asks Dagster for a pass, not too often, and whatever comes of it figures are answered."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr

from api.serving import refresh_request
from demo.people import demo_api_key
from tests.integration import dagster_stand_in
from tests.integration.conftest import api_client
from tests.integration.dagster_stand_in import RUN_ID, Dagster
from warehouse.errors import SourceUnavailableError
from warehouse.refresh import refresh
from warehouse.settings import Settings

PATH = "/api/metrics/"
FIRST, SECOND = ({"X-API-Key": demo_api_key(7, number)} for number in (1, 2))


@pytest.fixture
def dagster() -> Iterator[Dagster]:
    with dagster_stand_in.dagster() as running:
        yield running


@pytest.fixture
def asking(loaded: Settings, dagster: Dagster) -> Settings:
    """Nobody has asked yet."""
    with psycopg.connect(loaded.required("warehouse_url")) as connection:
        connection.execute("delete from directory.refresh_request")
    return loaded.model_copy(update={"dagster_webserver_url": dagster.url})


@pytest.fixture
def client(asking: Settings) -> Iterator[FlaskClient]:
    with api_client(asking) as client:
        yield client


def forced(client: FlaskClient, headers: dict[str, str] = FIRST) -> dict[str, Any]:
    response = client.get(f"{PATH}?force_refresh=true", headers=headers)
    assert response.status_code == 200
    body: dict[str, Any] = response.get_json()
    assert body["outbound"] > 0
    assert (body["cache"], response.headers["X-Cache"]) == ("refresh", "refresh")
    return body


def test_a_pass_is_started_and_the_answer_names_its_run(client: FlaskClient, dagster: Dagster) -> None:
    assert forced(client)["refresh"] == {"run_id": RUN_ID, "reason": "A pass was started."}
    (start,) = dagster.starts
    assert start["selector"] == {
        "repositoryLocationName": "pipelines.definitions", "repositoryName": "__repository__", "jobName": "refresh",
    }  # fmt: skip
    assert start["executionMetadata"]["tags"] == [{"key": "corbi/reason", "value": "Asked for by organization 1."}]


def test_a_pass_that_is_under_way_is_named_and_no_other_started(client: FlaskClient, dagster: Dagster) -> None:
    dagster.look = dagster_stand_in.UNDER_WAY
    assert forced(client)["refresh"] == {"run_id": RUN_ID, "reason": "The run that is under way makes it."}
    assert dagster.starts == []


def test_an_answer_that_nobody_forced_says_nothing_of_a_pass(client: FlaskClient, dagster: Dagster) -> None:
    assert client.get(PATH, headers=FIRST).get_json()["refresh"] is None
    assert dagster.starts == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"look": dagster_stand_in.NOT_LOADED}, "its code location is not loaded"),
        ({"launch": dagster_stand_in.NO_SUCH_JOB}, "Dagster did not start a pass: PipelineNotFoundError."),
        ({"launch": dagster_stand_in.WRONG_CONFIG}, "Dagster did not start a pass: RunConfigValidationInvalid."),
        ({"look": dagster_stand_in.WRONG_QUERY}, "can't be asked"),
        ({"launch": dagster_stand_in.WRONG_QUERY}, "can't be asked"),
        ({"look": "<html>502 Bad Gateway</html>", "status": 502}, "can't be asked"),
        ({"look": "<html>Sign in</html>"}, "can't be asked"),
        ({"look": "[]"}, "can't be asked"),
        ({"look": "null"}, "can't be asked"),
        ({"is_silent": True}, "can't be asked"),
    ],
)
def test_where_dagster_starts_none_the_answer_says_why_and_has_its_figures(
    client: FlaskClient, dagster: Dagster, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], reason: str
) -> None:
    monkeypatch.setattr(refresh_request, "_TIMEOUT_SECONDS", (1.0, 1.0 if "is_silent" in change else 60.0))
    for name, value in change.items():
        setattr(dagster, name, value)
    told = forced(client)["refresh"]
    assert told["run_id"] is None
    assert reason in told["reason"]


def test_a_dagster_that_is_down_is_told_and_figures_are_answered(asking: Settings) -> None:
    with api_client(asking.model_copy(update={"dagster_webserver_url": "http://127.0.0.1:1"})) as client:
        told = forced(client)["refresh"]
    assert told == {"run_id": None, "reason": "Dagster can't be asked at http://127.0.0.1:1/graphql: ConnectionError."}


def test_an_organization_asks_once_in_ten_seconds_whichever_server_it_asks(asking: Settings, dagster: Dagster) -> None:
    with ExitStack() as servers, ThreadPoolExecutor(8) as threads:
        clients = [servers.enter_context(api_client(asking)) for _ in range(4)]
        answers = list(threads.map(forced, clients * 2))
        told = [answer["refresh"] for answer in answers]
        assert [each["run_id"] for each in told].count(RUN_ID) == 1
        assert sum("less than 10 s ago" in each["reason"] for each in told) == 7
        assert len(dagster.starts) == 1
        assert forced(clients[0], SECOND)["refresh"]["run_id"] == RUN_ID


def test_after_ten_seconds_an_organization_may_ask_again(
    client: FlaskClient, asking: Settings, dagster: Dagster
) -> None:
    forced(client)
    with psycopg.connect(asking.required("warehouse_url")) as connection:
        connection.execute("update directory.refresh_request set asked_at = asked_at - interval '10 seconds'")
    assert forced(client)["refresh"]["run_id"] == RUN_ID
    assert len(dagster.starts) == 2


def test_who_may_not_look_may_not_ask_for_a_pass(client: FlaskClient, dagster: Dagster) -> None:
    for headers in ({}, {"X-API-Key": "corbi_no"}, {**FIRST, "X-Org-ID": "2"}):
        assert client.get(f"{PATH}?force_refresh=true", headers=headers).status_code in (401, 403)
    assert client.get(f"{PATH}?force_refresh=true&range=x", headers=FIRST).status_code == 400
    assert dagster.starts == []


def test_while_the_operational_database_is_down_the_last_snapshot_is_answered_with_its_age(
    loaded: Settings, client: FlaskClient
) -> None:
    before = client.get(PATH, headers=FIRST).get_json()
    with pytest.raises(SourceUnavailableError):
        refresh(loaded.model_copy(update={"source_url": SecretStr("postgresql://127.0.0.1:1/corbi")}))
    response = client.get(PATH, headers=FIRST)
    after = response.get_json()
    fresh = ("age_seconds", "cache", "snapshot", "refresh")
    assert {k: v for k, v in after.items() if k not in fresh} == {k: v for k, v in before.items() if k not in fresh}
    age = (datetime.now(UTC) - datetime.fromisoformat(after["as_of"])).total_seconds()
    assert before["age_seconds"] <= after["age_seconds"] <= age + 0.1
    assert float(response.headers["X-Age-Seconds"]) == after["age_seconds"]
