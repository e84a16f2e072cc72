"""The OpenAPI document says what the API does: each route stands in it, and what it shows as an example is one."""

import re
from typing import Any

import jsonschema
import pytest
from flask import Flask
from pydantic import SecretStr

from api.app import create_app
from api.openapi.document import described_routes, openapi_document
from warehouse.settings import Settings

SETTINGS = Settings(
    warehouse_url=SecretStr("postgresql://127.0.0.1:1/none"), lake_path="/nowhere", secret_key=SecretStr("s" * 40)
)
PAGES = {"docs.page"}
"""What a browser loads to show the document."""


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(SETTINGS)


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    return openapi_document(app)


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(method, path, operation) for path, item in document["paths"].items() for method, operation in item.items()]


def test_every_route_stands_in_the_document(app: Flask, document: dict[str, Any]) -> None:
    routes = {
        (method.lower(), re.sub(r"<(?:[^<>]+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in PAGES
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(method, path) for method, path, _ in operations(document)} == routes


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = set(re.findall(r"'\$ref': '#/([^']+)'", str(document)))
    assert references
    for reference in references:
        found: Any = document
        for name in reference.split("/"):
            found = found[name]
        assert found


def test_every_schema_is_one(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_operation_says_what_it_is_and_which_errors_it_gives(app: Flask, document: dict[str, Any]) -> None:
    assert len({operation["operationId"] for _, _, operation in operations(document)}) == len(operations(document))
    for _, path, operation in operations(document):
        assert operation["summary"]
        assert {"200", "400", "429"} <= operation["responses"].keys()
        if path.startswith(("/api/metrics", "/api/monitoring")):
            assert {"401", "403", "503"} <= operation["responses"].keys()
        assert ("404" in operation["responses"]) >= ("{" in path)
    assert any(True for _ in described_routes(app))


def test_what_a_parameter_gives_as_an_example_is_allowed(document: dict[str, Any]) -> None:
    for _, _, operation in operations(document):
        for parameter in operation["parameters"]:
            for example in parameter.get("examples", {}).values():
                schema = {**parameter["schema"], "components": document["components"]}
                jsonschema.Draft202012Validator(schema).validate(example["value"])


def test_the_main_answers_are_shown_by_an_example(document: dict[str, Any]) -> None:
    for path in ("/api/metrics/", "/api/monitoring/summary/", "/api/monitoring/details/", "/api/me/"):
        content = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
        assert content["example"]


def test_what_an_answer_gives_as_an_example_is_such_an_answer(document: dict[str, Any]) -> None:
    for _, path, operation in operations(document):
        for status, response in operation["responses"].items():
            for media_type, content in response.get("content", {}).items():
                if "example" in content:
                    schema = {**content["schema"], "components": document["components"]}
                    errors = [
                        error.message
                        for error in jsonschema.Draft202012Validator(schema).iter_errors(content["example"])
                    ]
                    assert (path, status, media_type, errors) == (path, status, media_type, [])


def test_a_page_to_browse_loads_nothing_from_elsewhere(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/api/docs/")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    text = page.get_data(as_text=True)
    loaded = [name for name in re.findall(r'(?:src|href)="([^"]+)"', text) if not name.startswith("..")]
    assert len(loaded) == 5
    for name in loaded:
        answer = client.get(f"/api/docs/{name}")
        assert answer.status_code == 200
        answer.close()
    assert "://" not in text
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    assert client.get("/api/docs/../app.py").status_code == 404
    assert client.get("/api/docs/swagger-ui.js").status_code == 404
