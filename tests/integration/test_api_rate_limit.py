"""Who asks too often is told when to go on, and nobody else notices."""

import json
import logging
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from api.access.identity import issue_token
from demo.people import ADMIN_USER_ID, BOTH_USER_ID, VIEWER_USER_ID, demo_api_key
from tests.integration.conftest import SECRET_KEY, api_client
from warehouse.settings import Settings

PATH = "/api/me/"
LIMIT = 5


@pytest.fixture
def client(loaded: Settings) -> Iterator[FlaskClient]:
    # A day, so that no test runs across the end of a window.
    with api_client(loaded.model_copy(update={"rate_limit": f"{LIMIT}/day"})) as client:
        yield client


def bearer(user_id: int) -> dict[str, str]:
    return {"Authorization": f"Bearer {issue_token(SECRET_KEY, user_id)}"}


def statuses(client: FlaskClient, headers: dict[str, str], count: int = LIMIT + 1, path: str = PATH) -> list[int]:
    return [client.get(path, headers=headers).status_code for _ in range(count)]


def test_one_request_too_many_is_a_429_that_says_when_to_go_on(client: FlaskClient) -> None:
    assert statuses(client, bearer(ADMIN_USER_ID), LIMIT) == [200] * LIMIT
    refused = client.get(PATH, headers=bearer(ADMIN_USER_ID))
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400
    assert set(refused.get_json()) == {"detail", "request_id"}
    assert f"More than {LIMIT} a day" in refused.get_json()["detail"]


def test_all_tokens_of_a_user_count_together_and_those_of_others_apart(client: FlaskClient) -> None:
    for _ in range(LIMIT):
        assert client.get(PATH, headers=bearer(ADMIN_USER_ID)).status_code == 200
    assert client.get(PATH, headers=bearer(ADMIN_USER_ID)).status_code == 429
    assert client.get("/api/metrics/", headers=bearer(ADMIN_USER_ID)).status_code == 429
    assert client.get(PATH, headers=bearer(VIEWER_USER_ID)).status_code == 200


def test_a_key_counts_for_itself_however_it_is_sent(client: FlaskClient) -> None:
    key = demo_api_key(7, 1)
    assert statuses(client, {"X-API-Key": key}, 3) == [200] * 3
    assert statuses(client, {"Authorization": f"Api-Key {key}"}, 3) == [200, 200, 429]
    assert client.get(PATH, headers={"X-API-Key": demo_api_key(7, 2)}).status_code == 200


def test_credentials_that_do_not_hold_count_for_the_address_and_not_for_whom_they_name(client: FlaskClient) -> None:
    forged = {"Authorization": f"Bearer {issue_token('another key that is as long as it must be', ADMIN_USER_ID)}"}
    assert statuses(client, forged) == [401] * LIMIT + [429]
    assert client.get(PATH, headers={"X-API-Key": "corbi_guess"}).status_code == 429
    assert client.get(PATH, headers=bearer(ADMIN_USER_ID)).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/api/openapi.json", "/api/docs/"])
def test_probes_and_documentation_are_never_refused(client: FlaskClient, path: str) -> None:
    assert statuses(client, {}, path=path) == [200] * (LIMIT + 1)


def test_a_browser_may_always_ask_before_a_request(client: FlaskClient) -> None:
    assert {client.options(PATH).status_code for _ in range(LIMIT + 1)} == {200}
    assert client.get(PATH, headers=bearer(ADMIN_USER_ID)).status_code == 200


def test_an_empty_limit_is_none(loaded: Settings) -> None:
    with api_client(loaded.model_copy(update={"rate_limit": ""})) as client:
        assert set(statuses(client, bearer(ADMIN_USER_ID), 30)) == {200}


def test_the_log_line_names_whoever_was_refused_an_organization_and_where_an_answer_came_from(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="api.request"):
        client.get("/api/metrics/", headers={**bearer(BOTH_USER_ID), "X-Org-ID": "3"})
        first = client.get("/api/metrics/", headers=bearer(ADMIN_USER_ID))
        client.get("/api/metrics/", headers=bearer(ADMIN_USER_ID))
        client.get("/api/metrics/", headers={**bearer(ADMIN_USER_ID), "If-None-Match": first.headers["ETag"]})
        client.get("/healthz")
    lines = [json.loads(record.message) for record in caplog.records if record.name == "api.request"]
    assert [(line["user"], line["org"], line["status"], line["cache"]) for line in lines] == [
        (BOTH_USER_ID, None, 403, None),
        (ADMIN_USER_ID, 1, 200, "miss"),
        (ADMIN_USER_ID, 1, 200, "hit"),
        (ADMIN_USER_ID, 1, 304, "not modified"),
        (None, None, 200, None),
    ]
