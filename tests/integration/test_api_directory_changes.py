"""Memberships, roles, keys and users: what changes on the platform holds here after the next pass, not before."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from flask.testing import FlaskClient

from demo.history import fill
from demo.people import ADMIN_USER_ID, BOTH_USER_ID, VIEWER_USER_ID, demo_api_key
from tests.integration.conftest import api_client, new_warehouse
from tests.integration.test_api_identity import bearer, token
from warehouse.lake.connection import open_lake
from warehouse.lake.state import read_state
from warehouse.refresh import refresh
from warehouse.settings import Settings
from warehouse.verify.layers import raw_equals_source
from warehouse.verify.run import verify

PATH = "/api/metrics/"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def platform(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("directory")
    settings = new_warehouse(new_database, home)
    fill(settings.required("source_url"), messages=200, seed=7, now=NOW, days=3)
    refresh(settings)
    return settings


@pytest.fixture
def client(platform: Settings) -> Iterator[FlaskClient]:
    with api_client(platform) as client:
        yield client


def user(user_id: int, organization_id: int) -> dict[str, str]:
    return bearer(token(user_id=str(user_id)), **{"X-Org-ID": str(organization_id)})


CHANGES = {
    "a key is revoked": (
        "update organizations_apikey set status = 'revoked' where organization_id = 2",
        {"X-API-Key": demo_api_key(7, 2)},
        200, 401,
    ),
    "a key is active again": (
        "update organizations_apikey set status = 'active' where organization_id = 2",
        {"X-API-Key": demo_api_key(7, 2)},
        401, 200,
    ),
    "a member leaves": (
        f"delete from organizations_membership where user_id = {BOTH_USER_ID} and organization_id = 2",
        user(BOTH_USER_ID, 2), 200, 403,
    ),
    "a member joins": (
        "insert into organizations_membership (id, role, organization_id, user_id, created_at)"
        f" values (9000, 'viewer', 3, {VIEWER_USER_ID}, now())",
        user(VIEWER_USER_ID, 3), 403, 200,
    ),
    "a user is deactivated": (
        f"update auth_user set is_active = false where id = {ADMIN_USER_ID}", user(ADMIN_USER_ID, 1), 200, 401,
    ),
    "a user is active again": (
        f"update auth_user set is_active = true where id = {ADMIN_USER_ID}", user(ADMIN_USER_ID, 1), 401, 200,
    ),
    "a user is deleted": (
        f"delete from auth_user where id = {ADMIN_USER_ID}", user(ADMIN_USER_ID, 1), 200, 401,
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_holds_after_the_next_pass(platform: Settings, client: FlaskClient, change: str) -> None:
    statement, headers, before, after = CHANGES[change]
    assert client.get(PATH, headers=headers).status_code == before
    with psycopg.connect(platform.required("source_url")) as source:
        source.execute(statement.encode())
    assert client.get(PATH, headers=headers).status_code == before
    refresh(platform)
    assert client.get(PATH, headers=headers).status_code == after


def test_a_role_holds_after_the_next_pass(platform: Settings, client: FlaskClient) -> None:
    def role() -> tuple[str, bool]:
        organizations = client.get("/api/me/", headers=bearer(token(user_id=str(VIEWER_USER_ID)))).get_json()
        first = organizations["organizations"][0]
        return first["role"], first["may_act"]

    assert role() == ("viewer", False)
    with psycopg.connect(platform.required("source_url")) as source:
        source.execute(f"update organizations_membership set role = 'admin' where user_id = {VIEWER_USER_ID}".encode())
    assert role() == ("viewer", False)
    refresh(platform)
    assert role() == ("admin", True)


@pytest.mark.parametrize("make_pass", [refresh, verify, raw_equals_source])
def test_whatever_makes_a_pass_copies_members_of_the_same_moment(
    platform: Settings, client: FlaskClient, make_pass: Callable[[Settings], object]
) -> None:
    name = f"Renamed for {make_pass.__name__}"
    with psycopg.connect(platform.required("source_url")) as source:
        source.execute("update organizations_organization set name = %s where id = 1", (name,))
    make_pass(platform)
    body = client.get("/api/me/", headers={"X-API-Key": demo_api_key(7, 1)}).get_json()
    assert [one["name"] for one in body["organizations"]] == [name]
    with open_lake(platform, read_only=True) as lake:
        as_of = read_state(lake).as_of
    ready = client.get("/readyz").get_json()
    assert ready["members_as_of"] == as_of.isoformat(timespec="milliseconds").replace("+00:00", "Z")
