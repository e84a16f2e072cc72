"""How much may be asked, and from where: sizes, other origins, transport."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr

from api.app import create_app
from api.http.request_size import MOST_BODY_BYTES, MOST_URL_BYTES
from api.http.response_headers import READABLE
from warehouse.errors import SettingsError
from warehouse.settings import Settings, load_settings

SETTINGS = Settings(
    warehouse_url=SecretStr("postgresql://127.0.0.1:1/none"), lake_path="/nowhere", secret_key=SecretStr("s" * 40),
    cors_origins="https://app.example.com, http://localhost:3000",
)  # fmt: skip
PREFLIGHT = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization, x-org-id"}


@pytest.fixture
def app() -> Flask:
    return create_app(SETTINGS)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_a_path_that_is_too_long_is_refused_in_the_one_form(client: FlaskClient) -> None:
    response = client.get("/api/metrics/?range=" + "x" * MOST_URL_BYTES)
    assert response.status_code == 414
    assert set(response.get_json()) == {"detail", "request_id"}
    assert client.get("/api/metrics/?range=" + "x" * 1000).status_code == 401


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_body_that_is_too_long_is_refused_before_it_is_read(client: FlaskClient, method: str) -> None:
    response = client.open("/api/metrics/", method=method, data=b"x" * (MOST_BODY_BYTES + 1))
    assert response.status_code in (405, 413)
    assert set(response.get_json()) == {"detail", "request_id"}
    assert client.get("/healthz", data=b"x" * (MOST_BODY_BYTES + 1)).status_code == 413


@pytest.mark.parametrize("origin", ["https://app.example.com", "http://localhost:3000"])
def test_pages_of_the_origins_that_are_set_may_call_and_read_what_an_answer_says_of_itself(
    client: FlaskClient, origin: str
) -> None:
    asked = client.options("/api/metrics/", headers={"Origin": origin, **PREFLIGHT})
    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Origin"] == origin
    assert asked.headers["Access-Control-Allow-Headers"] == "authorization, x-org-id"
    refused = client.get("/api/metrics/", headers={"Origin": origin})
    assert refused.status_code == 401
    assert refused.headers["Access-Control-Allow-Origin"] == origin
    assert set(refused.headers["Access-Control-Expose-Headers"].split(", ")) == set(READABLE)
    assert "Origin" in refused.headers["Vary"]


@pytest.mark.parametrize("origin", ["https://evil.example.com", "https://app.example.com.evil.com", "null"])
def test_pages_of_other_origins_may_not(client: FlaskClient, origin: str) -> None:
    for response in (
        client.options("/api/metrics/", headers={"Origin": origin, **PREFLIGHT}),
        client.get("/api/metrics/", headers={"Origin": origin}),
    ):
        assert "Access-Control-Allow-Origin" not in response.headers


def test_without_the_setting_no_other_origin_may_call() -> None:
    client = create_app(SETTINGS.model_copy(update={"cors_origins": ""})).test_client()
    response = client.get("/api/metrics/", headers={"Origin": "https://app.example.com"})
    assert "Access-Control-Allow-Origin" not in response.headers


def test_browsers_are_told_to_stay_with_https_where_it_is_used(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/healthz").headers
    secure = client.get("/healthz", base_url="https://api.example.com")
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("path", ["/healthz", "/api/metrics/", "/nowhere", "/api/openapi.json"])
def test_every_answer_tells_browsers_not_to_guess_to_frame_or_to_run_anything(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RATE_LIMIT", "many"),
        ("RATE_LIMIT", "10/fortnight"),
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "app.example.com"),
    ],
)
def test_a_limit_or_an_origin_that_can_not_work_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"CORBI_{name}", value)
    load_settings.cache_clear()
    with pytest.raises(SettingsError, match=f"CORBI_{name}"):
        load_settings()
    load_settings.cache_clear()
