"""Identities by organizations by endpoints: who may see what, on every route there is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from demo.people import ADMIN_USER_ID, BOTH_USER_ID, VIEWER_USER_ID, demo_api_key
from tests.integration.api_routes import Route, named_rows, organizations_named, owners, routes
from tests.integration.conftest import api_client
from tests.integration.test_api_identity import REFUSED, SEED, bearer, token
from warehouse.settings import Settings

STAFF_USER_ID = 6
ORGANIZATIONS = range(1, 6)
NOBODYS_ID = 2**40


@dataclass(frozen=True)
class Identity:
    """Credentials that hold, the organizations they open, and the one that is meant when none is named."""

    headers: dict[str, str]
    opens: frozenset[int]
    sole: int | None
    may_act: bool = False


def user(user_id: int) -> dict[str, str]:
    return bearer(token(user_id=str(user_id)))


IDENTITIES = {
    "an admin": Identity(user(ADMIN_USER_ID), frozenset({1}), 1, may_act=True),
    "a viewer": Identity(user(VIEWER_USER_ID), frozenset({1}), 1),
    "staff": Identity(user(STAFF_USER_ID), frozenset({1}), 1),
    "a member of two": Identity(user(BOTH_USER_ID), frozenset({1, 2}), None, may_act=True),
    "an API key of one": Identity({"X-API-Key": demo_api_key(SEED, 1)}, frozenset({1}), 1, may_act=True),
    "an API key of another": Identity({"X-API-Key": demo_api_key(SEED, 2)}, frozenset({2}), 2, may_act=True),
}
ASKED = (None, "", "1", "2", "3", "424242", "0", "one", "1,2", "-1", "9" * 19)


@pytest.fixture(scope="module")
def client(loaded: Settings) -> Iterator[FlaskClient]:
    with api_client(loaded.model_copy(update={"rate_limit": ""})) as client:
        yield client


@pytest.fixture(scope="module")
def owned(loaded: Settings) -> dict[str, dict[int, int]]:
    return owners(loaded.required("source_url"))


def reading(client: FlaskClient) -> list[Route]:
    found = [route for route in routes(client.application) if route.operation.method == "GET"]
    assert {"/api/me/", "/api/metrics/", "/api/monitoring/summary/", "/api/monitoring/details/"} <= {
        r.path for r in found
    }
    return found


def acting(client: FlaskClient) -> list[Route]:
    return [route for route in routes(client.application) if route.operation.acts]


def own_row(route: Route, organization_id: int, owned: dict[str, dict[int, int]]) -> int:
    rows = owned.get(route.kind or "", {})
    return next((row for row, owner in rows.items() if owner == organization_id), NOBODYS_ID)


def expected(identity: Identity, asked: str | None) -> tuple[int, int | None]:
    """The status, and the organization that is answered for."""
    if not asked:
        return (200, identity.sole) if identity.sole else (403, None)
    return (200, int(asked)) if asked.isdigit() and int(asked) in identity.opens else (403, None)


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("name", IDENTITIES)
def test_every_route_answers_for_the_organization_that_is_asked_for_or_refuses(
    client: FlaskClient, owned: dict[str, dict[int, int]], name: str, asked: str | None
) -> None:
    identity = IDENTITIES[name]
    status, organization_id = expected(identity, asked)
    headers = identity.headers | ({} if asked is None else {"X-Org-ID": asked})
    for route in reading(client):
        row = own_row(route, organization_id or 1, owned)
        response = client.get(route.at(row), headers=headers)
        wanted = status if route.operation.needs_organization else 200
        if wanted == 200 and row == NOBODYS_ID and "{" in route.path:
            wanted = 404
        assert (route.path, response.status_code) == (route.path, wanted)
        if response.status_code == 200 and route.operation.needs_organization:
            assert organizations_named(response.get_json()) <= {organization_id}


@pytest.mark.parametrize("name", REFUSED)
def test_credentials_that_do_not_hold_open_no_route(
    client: FlaskClient, owned: dict[str, dict[int, int]], name: str
) -> None:
    for route in routes(client.application):
        for headers in (REFUSED[name], {**REFUSED[name], "X-Org-ID": "1"}):
            path = route.at(own_row(route, 1, owned))
            response = client.open(path, method=route.operation.method, headers=headers)
            assert (route.path, response.status_code) == (route.path, 401)
            assert set(response.get_json()) - {"messages"} == {"detail", "request_id", "code"}


@pytest.mark.parametrize("organization_id", ORGANIZATIONS)
def test_no_row_of_another_organization_is_ever_answered(
    client: FlaskClient, owned: dict[str, dict[int, int]], organization_id: int
) -> None:
    headers = {"X-API-Key": demo_api_key(SEED, organization_id)}
    for route in reading(client):
        for asked in _asked(route):
            response = client.get(route.at(own_row(route, organization_id, owned)), headers=headers, query_string=asked)
            if response.status_code != 200 or not response.is_json:
                assert response.status_code in (200, 404)
                continue
            body = response.get_json()
            for kind, row in named_rows(route, body):
                assert (route.path, kind, row, owned[kind][row]) == (route.path, kind, row, organization_id)
            if isinstance(body, dict):
                assert organizations_named(body) <= {organization_id}


def _asked(route: Route) -> list[dict[str, Any]]:
    """The widest that a route takes, and each direction of messages."""
    takes = route.operation.parameters.model_fields
    widest = {name: value for name, value in (("range", "12m"), ("limit", 1000)) if name in takes}
    if "limit" in widest and (bounds := [m for m in takes["limit"].metadata if hasattr(m, "le")]):
        widest["limit"] = min(1000, bounds[0].le)
    return [widest | {"direction": each} for each in ("outbound", "inbound")] if "direction" in takes else [widest]


def test_a_row_of_another_organization_is_not_found_whoever_asks(
    client: FlaskClient, owned: dict[str, dict[int, int]]
) -> None:
    headers = {"X-API-Key": demo_api_key(SEED, 2)}
    for route in routes(client.application):
        if "{" not in route.path:
            continue
        for row in (own_row(route, 1, owned), own_row(route, 3, owned), NOBODYS_ID, 0, 2**63, 10**30):
            response = client.open(route.at(row), method=route.operation.method, headers=headers, json={})
            refusals = (404,) if route.operation.method == "GET" else (400, 404)
            assert (route.path, row, response.status_code in refusals) == (route.path, row, True)


@pytest.mark.parametrize("name", [name for name, identity in IDENTITIES.items() if not identity.may_act])
def test_who_may_only_look_changes_nothing(
    client: FlaskClient, loaded: Settings, owned: dict[str, dict[int, int]], name: str
) -> None:
    before = _alerts(loaded)
    for route in acting(client):
        for body in ({}, {"id": 1, "acknowledge": True}, {"ids": [1], "action": "ack"}):
            response = client.open(
                route.at(1), method=route.operation.method, headers=IDENTITIES[name].headers, json=body
            )
            assert (route.path, response.status_code) == (route.path, 403)
            assert "may look but not act" in response.get_json()["detail"]
    assert _alerts(loaded) == before


def test_a_member_who_may_act_in_one_organization_may_not_in_another(client: FlaskClient) -> None:
    for route in acting(client):
        headers = IDENTITIES["a member of two"].headers | {"X-Org-ID": "2"}
        response = client.open(route.at(1), method=route.operation.method, headers=headers, json={})
        assert (route.path, response.status_code) == (route.path, 403)


def _alerts(settings: Settings) -> list[tuple[object, ...]]:
    """All that the alert store holds."""
    with psycopg.connect(settings.required("warehouse_url")) as connection:
        tables = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'alert' order by table_name"
        ).fetchall()
        return [
            (name, *connection.execute(f'select t::text from alert."{name}" t order by 1'.encode()).fetchall())
            for (name,) in tables
        ]
