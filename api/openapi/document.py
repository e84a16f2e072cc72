"""The whole document.

Belongs here: walking the app's routes. Does not: single operations (operations.py).
"""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from api.openapi.models import ModelSchemas
from api.openapi.operations import operation_entry, path_of
from api.openapi.shared import HEADERS, PARAMETERS, SECURITY_SCHEMES, error_responses
from api.schemas.shared import ErrorOut, Freshness, UnauthorizedOut
from api.serving.endpoints import Operation

Json = dict[str, Any]

_ABOUT = """\
Figures of the messages that Corbi sends, for one organization at a time.

Answers are read from one snapshot of the warehouse and say which: `as_of` is the moment of the operational database
that they stand for. Datetimes are ISO 8601 in UTC with `Z`, latencies are milliseconds, errors are
`{"detail", "request_id"}`.

Ids are numbers of up to 64 bits. JavaScript rounds those beyond 2^53 - 1: beside each such number, or list with one,
stands the same as text under its key with `_text` (`id_text`, `campaign_id_text`); without it the number is exact.
"""


def described_routes(app: Flask) -> Iterator[tuple[Rule, Operation]]:
    """Every route that says what it answers, by path."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ()))):
        operation = getattr(app.view_functions[rule.endpoint], "operation", None)
        if isinstance(operation, Operation):
            yield rule, operation


def openapi_document(app: Flask, base_path: str = "") -> Json:
    """The OpenAPI 3.1 document of an app's routes, as they are reached under a path."""
    routes = list(described_routes(app))
    schemas = ModelSchemas(
        answers=[ErrorOut, UnauthorizedOut, Freshness, *(operation.answer for _, operation in routes)],
        asked=[operation.parameters for _, operation in routes],
        bodies=[operation.body for _, operation in routes if operation.body is not None],
    )
    paths: dict[str, Json] = {}
    for rule, operation in routes:
        paths.setdefault(path_of(rule), {})[operation.method.lower()] = operation_entry(rule, operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Corbi Monitoring", "version": version("corbi-monitoring"), "description": _ABOUT},
        "servers": [{"url": base_path or "/"}],
        "security": [{name: []} for name in SECURITY_SCHEMES],
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for _, operation in routes)],
        "paths": paths,
        "components": {
            "schemas": schemas.components(),
            "parameters": PARAMETERS,
            "headers": HEADERS,
            "responses": error_responses(schemas.answer(ErrorOut), schemas.answer(UnauthorizedOut)),
            "securitySchemes": SECURITY_SCHEMES,
        },
    }
