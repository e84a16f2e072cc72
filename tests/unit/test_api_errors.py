"""Every error is JSON with a detail and the request's id, and tells nothing of the inside."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr

from api.app import create_app
from api.serving.answers import age_seconds
from api.serving.paging import cursor_headers
from warehouse.errors import SettingsError
from warehouse.settings import Settings

SETTINGS = Settings(
    warehouse_url=SecretStr("postgresql://127.0.0.1:1/none"), lake_path="/nowhere", secret_key=SecretStr("s" * 40)
)


@pytest.fixture
def app() -> Flask:
    app = create_app(SETTINGS)

    @app.get("/broken/")
    def broken() -> str:
        raise RuntimeError("the inside")

    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_a_mistake_of_ours_is_a_500_that_can_be_found_by_its_request_id(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="api"):
        response = client.get("/broken/", headers={"X-Request-ID": "find-me"})
    assert response.status_code == 500
    assert response.get_json()["request_id"] == "find-me"
    assert "the inside" not in response.get_data(as_text=True)
    (record,) = [record for record in caplog.records if record.name == "api"]
    assert "find-me" in record.message
    assert record.exc_info is not None


def test_an_unknown_path_is_a_404_in_the_same_form(client: FlaskClient) -> None:
    response = client.get("/api/nothing/")
    assert (response.status_code, response.mimetype) == (404, "application/json")
    assert set(response.get_json()) == {"detail", "request_id"}


def test_a_wrong_method_is_told_the_right_ones(client: FlaskClient) -> None:
    response = client.post("/api/metrics/")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert set(response.get_json()) == {"detail", "request_id"}


@pytest.mark.parametrize("path", ["/api/metrics", "/corbi/api/metrics"])
def test_a_path_without_its_last_slash_is_sent_on_and_the_asked_host_is_not_repeated(path: str) -> None:
    client = create_app(SETTINGS.model_copy(update={"api_base_path": "/corbi"})).test_client()
    response = client.get(f"{path}?range=7d", headers={"Host": "evil.example.com"})
    assert response.status_code == 308
    assert response.headers["Location"] == f"{path}/?range=7d"
    assert "evil" not in response.get_data(as_text=True)


def test_under_a_base_path_links_and_the_document_name_it(client: FlaskClient) -> None:
    under = create_app(SETTINGS.model_copy(update={"api_base_path": "/corbi/"})).test_client()
    for path, server in (("/corbi/api/openapi.json", "/corbi"), ("/api/openapi.json", "/")):
        assert under.get(path).get_json()["servers"] == [{"url": server}]
    assert client.get("/corbi/api/openapi.json").status_code == 404
    with under.application.test_request_context("/api/monitoring/events/?limit=5", base_url="http://localhost/corbi"):
        assert cursor_headers("c") == (("Link", '</corbi/api/monitoring/events/?limit=5&cursor=c>; rel="next"'),)


def test_who_has_no_credentials_is_not_told_about_parameters(client: FlaskClient) -> None:
    assert client.get("/api/metrics/?range=x").status_code == 401


@pytest.mark.parametrize("name", ["secret_key", "warehouse_url", "lake_path"])
def test_an_app_that_could_answer_nothing_is_not_made(name: str) -> None:
    with pytest.raises(SettingsError, match=f"CORBI_{name.upper()}"):
        create_app(SETTINGS.model_copy(update={name: None}))


def test_an_age_is_never_negative() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert age_seconds(now - timedelta(seconds=1.26), now) == 1.3
    assert age_seconds(now + timedelta(seconds=5), now) == 0
