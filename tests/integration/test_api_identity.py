"""Nobody reads without credentials that hold, and nobody reads another organization's figures."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import psycopg
import pytest
from flask.testing import FlaskClient

from api.access.identity import issue_token
from demo.people import ADMIN_USER_ID, BOTH_USER_ID, INACTIVE_USER_ID, VIEWER_USER_ID, demo_api_key
from tests.integration.conftest import SECRET_KEY, api_client
from warehouse.settings import Settings

PATH = "/api/metrics/"
SEED = 7


@pytest.fixture(scope="module")
def client(loaded: Settings) -> Iterator[FlaskClient]:
    with api_client(loaded) as client:
        yield client


def token(key: str = SECRET_KEY, algorithm: str = "HS256", **changes: Any) -> str:
    now = datetime.now(UTC)
    claims: dict[str, Any] = {
        "token_type": "access", "exp": now + timedelta(hours=5), "iat": now, "jti": uuid4().hex,
        "user_id": str(ADMIN_USER_ID),
    }  # fmt: skip
    claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return jwt.encode(claims, key, algorithm=algorithm)


def bearer(credentials: str, **headers: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {credentials}", **headers}


REFUSED = {
    "no credentials": {},
    "an empty header": {"Authorization": ""},
    "another scheme": {"Authorization": "Basic YWRtaW46YWRtaW4="},
    "another key": bearer(token(key="some other secret key of some length")),
    "a refresh token": bearer(token(token_type="refresh")),
    "no token type": bearer(token(token_type=None)),
    "an expired token": bearer(token(exp=datetime.now(UTC) - timedelta(seconds=1))),
    "no expiry": bearer(token(exp=None)),
    "no jti": bearer(token(jti=None)),
    "issued in the future": bearer(token(iat=datetime.now(UTC) + timedelta(hours=1))),
    "no user": bearer(token(user_id=None)),
    "a user that is true": bearer(token(user_id=True)),
    "a user that is a fraction": bearer(token(user_id=1.0)),
    "a user that is a list": bearer(token(user_id=[1])),
    "a user that is negative": bearer(token(user_id=-1)),
    "a user beyond 64 bits": bearer(token(user_id=2**64)),
    "a user that is no number": bearer(token(user_id="1 or 1=1")),
    "an unknown user": bearer(token(user_id="424242")),
    "an inactive user": bearer(token(user_id=str(INACTIVE_USER_ID))),
    "another algorithm": bearer(token(algorithm="HS512")),
    "no algorithm": bearer(token(key="", algorithm="none")),
    "half a token": bearer(token()[:-10]),
    "an unknown API key": bearer("corbi_0000000000000000000000000000000000000000"),
    "a revoked API key": bearer(demo_api_key(SEED, 1, number=2)),
    "the hash of an API key": {"X-API-Key": "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"},
}


CODES = {
    "no credentials": "not_authenticated",
    "an empty header": "not_authenticated",
    "another scheme": "not_authenticated",
    "an unknown user": "user_not_found",
    "an inactive user": "user_inactive",
    "an unknown API key": "authentication_failed",
    "a revoked API key": "authentication_failed",
    "the hash of an API key": "authentication_failed",
}


WORDS = {
    "a refresh token": "Token has wrong type",
    "no token type": "Token has no type",
    "no expiry": "Token has no 'exp' claim",
    "no jti": "Token has no id",
}


@pytest.mark.parametrize("claim", REFUSED)
def test_credentials_that_do_not_hold_are_refused(client: FlaskClient, claim: str) -> None:
    response = client.get(PATH, headers={**REFUSED[claim], "X-Org-ID": "1"})
    assert response.status_code == 401
    assert set(response.get_json()) - {"messages"} == {"detail", "request_id", "code"}
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_refusal_says_the_platforms_code_by_which_its_clients_act(client: FlaskClient) -> None:
    for claim, headers in REFUSED.items():
        body = client.get(PATH, headers={**headers, "X-Org-ID": "1"}).get_json()
        assert (claim, body["code"]) == (claim, CODES.get(claim, "token_not_valid"))
        # As simplejwt: what is wrong with the token itself, and nothing of whom it names.
        says_why = body["code"] == "token_not_valid" and not claim.startswith(("a user", "no user"))
        words = WORDS.get(claim, "Token is invalid or expired")
        told = [{"token_class": "AccessToken", "token_type": "access", "message": words}]
        assert (claim, body.get("messages")) == (claim, told if says_why else None)


@pytest.mark.parametrize(
    "changes", [{"user_id": ADMIN_USER_ID}, {"iat": None}, {"user_id": ADMIN_USER_ID, "iat": None}]
)
def test_a_token_of_any_version_of_the_platform_is_taken(client: FlaskClient, changes: dict[str, Any]) -> None:
    response = client.get("/api/me/", headers=bearer(token(**changes)))
    assert (response.status_code, response.get_json()["user_id"]) == (200, ADMIN_USER_ID)


@pytest.mark.parametrize(
    ("user_id", "headers", "status", "organization_or_detail"),
    [
        (ADMIN_USER_ID, {}, 200, 1),
        (VIEWER_USER_ID, {}, 200, 1),
        (ADMIN_USER_ID, {"X-Org-ID": "1"}, 200, 1),
        (ADMIN_USER_ID, {"X-Org-ID": " "}, 200, 1),
        (BOTH_USER_ID, {}, 403, "X-Org-ID header is required."),
        (BOTH_USER_ID, {"X-Org-ID": "1"}, 200, 1),
        (BOTH_USER_ID, {"X-Org-ID": "2"}, 200, 2),
        (BOTH_USER_ID, {"X-Org-ID": "3"}, 403, "User is not a member of this organization."),
        (ADMIN_USER_ID, {"X-Org-ID": "2"}, 403, "User is not a member of this organization."),
        (ADMIN_USER_ID, {"X-Org-ID": "99999"}, 403, "User is not a member of this organization."),
        (ADMIN_USER_ID, {"X-Org-ID": "one"}, 403, "X-Org-ID must be the number of an organization; given: 'one'."),
    ],
)
def test_the_header_or_the_sole_membership_picks_the_organization(
    client: FlaskClient, user_id: int, headers: dict[str, str], status: int, organization_or_detail: object
) -> None:
    response = client.get(PATH, headers=bearer(token(user_id=str(user_id)), **headers))
    body = response.get_json()
    assert response.status_code == status
    assert body.get("organization_id", body.get("detail")) == organization_or_detail


@pytest.mark.parametrize(
    "headers",
    [
        bearer(demo_api_key(SEED, 2)),
        {"Authorization": f"Api-Key {demo_api_key(SEED, 2)}"},
        {"X-API-Key": demo_api_key(SEED, 2)},
        {"X-API-Key": demo_api_key(SEED, 2), "X-Org-ID": "2"},
    ],
)
def test_an_api_key_names_its_organization(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.get(PATH, headers=headers).get_json()["organization_id"] == 2


def test_an_api_key_does_not_open_another_organization(client: FlaskClient) -> None:
    response = client.get(PATH, headers={"X-API-Key": demo_api_key(SEED, 2), "X-Org-ID": "1"})
    assert response.status_code == 403


def test_every_organization_sees_its_own_figures_and_no_other(client: FlaskClient, loaded: Settings) -> None:
    with psycopg.connect(loaded.required("source_url")) as source:
        contacts = dict(source.execute("select organization_id, count(*) from contacts_contact group by 1").fetchall())
    assert len(contacts) > 5
    for organization_id, count in contacts.items():
        body = client.get(PATH, headers={"X-API-Key": demo_api_key(SEED, organization_id)}).get_json()
        assert (body["organization_id"], body["contacts"]) == (organization_id, count)


def test_a_token_issued_here_is_one_the_platform_would_issue(client: FlaskClient) -> None:
    issued = issue_token(SECRET_KEY, VIEWER_USER_ID)
    claims = jwt.decode(issued, SECRET_KEY, algorithms=["HS256"])
    assert claims["exp"] - claims["iat"] == 1800
    assert (claims["token_type"], claims["user_id"]) == ("access", str(VIEWER_USER_ID))
    assert client.get(PATH, headers=bearer(issued)).status_code == 200
