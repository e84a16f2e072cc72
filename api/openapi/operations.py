"""One route as an operation of the document.

Belongs here: from a Flask rule and its `Operation` to the OpenAPI object. Does not: what all have in common
(shared.py).
"""

import re
from typing import Any

from werkzeug.routing import Rule

from api.openapi.examples import example_of
from api.openapi.models import ModelSchemas
from api.openapi.shared import ERRORS, FRESHNESS_HEADERS, headers
from api.schemas.shared import Freshness
from api.serving.endpoints import Operation
from api.serving.parameters import FORMS

Json = dict[str, Any]

_PLATFORMS = "A path of the platform's own monitoring API: other parameters mean nothing here and are no error."
_PLACEHOLDER = re.compile(r"<(?:(?P<kind>\w+)(?:\((?P<options>[^)]*)\))?:)?(?P<name>\w+)>")
_KINDS: dict[str | None, Json] = {
    "int": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
    None: {"type": "string", "minLength": 1},
}


def path_of(rule: Rule) -> str:
    """A rule's path with its variables in braces."""
    return _PLACEHOLDER.sub(r"{\g<name>}", rule.rule)


def operation_entry(rule: Rule, operation: Operation, schemas: ModelSchemas) -> Json:
    """An operation, as the document has it."""
    entry: Json = {
        "operationId": rule.endpoint.replace(".", "_"),
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": f"{operation.description}\n\n{_PLATFORMS}" if operation.is_platforms else operation.description,
        "parameters": _parameters(rule, operation, schemas),
        "responses": {
            "200": _answer(operation, schemas),
            **({"304": _not_modified()} if operation.is_fresh else {}),
            **{str(status): _other(status, operation) for status in sorted(_other_statuses(rule, operation))},
        },
    }
    if operation.body is not None:
        types = ("application/json", *(FORMS if operation.is_platforms else ()))
        content = {media_type: {"schema": schemas.body(operation.body)} for media_type in types}
        is_required = any(field.is_required() for field in operation.body.model_fields.values())
        entry["requestBody"] = {"required": is_required, "content": content}
    if operation.is_open:
        entry["security"] = []
    return entry


def _parameters(rule: Rule, operation: Operation, schemas: ModelSchemas) -> list[Json]:
    in_path = [
        {"name": found["name"], "in": "path", "required": True, "schema": _variable(found["kind"], found["options"])}
        for found in _PLACEHOLDER.finditer(rule.rule)
    ]
    in_header = ["RequestId"]
    if not operation.is_open and operation.needs_organization:
        in_header.append("OrganizationId")
    if operation.is_fresh:
        in_header.append("IfNoneMatch")
    shared = [{"$ref": f"#/components/parameters/{name}"} for name in in_header]
    return [*in_path, *schemas.parameters(operation.parameters), *shared]


def _variable(kind: str | None, options: str | None) -> Json:
    if kind == "any" and options:
        return {"type": "string", "enum": [option.strip() for option in options.split(",")]}
    return _KINDS.get(kind, _KINDS[None])


def _answer(operation: Operation, schemas: ModelSchemas) -> Json:
    shape = schemas.answer(operation.answer)
    names: tuple[str, ...] = FRESHNESS_HEADERS if operation.is_fresh else ()
    if operation.is_array:
        shape = {"type": "array", "items": shape}
    elif operation.is_fresh:
        shape = {"allOf": [shape, schemas.answer(Freshness)]}
    if "limit" in operation.parameters.model_fields:
        names = (*names, "X-Total-Count", "Link", "X-Notice")
    content: Json = {"application/json": {"schema": shape}}
    example = example_of(operation.answer)
    if example is not None:
        content["application/json"]["example"] = example
    if operation.has_table:
        content["text/csv"] = {"schema": {"type": "string", "description": "RFC 4180, with a header line."}}
    return {"description": "The answer.", "headers": headers(*names), "content": content}


def _not_modified() -> Json:
    return {"description": "The answer that the client has is the latest.", "headers": headers("ETag")}


def _other_statuses(rule: Rule, operation: Operation) -> set[int]:
    found = {400, 414, 429, 500, *operation.statuses}
    if not operation.is_open:
        found |= {401, 503}
        found |= {403} if operation.needs_organization else set()
    if rule.arguments:
        found.add(404)
    if operation.body is not None:
        found.add(413)
    return found


def _other(status: int, operation: Operation) -> Json:
    said = operation.statuses.get(status)
    if status not in ERRORS:
        return {"description": said, "headers": headers()}
    reference = {"$ref": f"#/components/responses/{ERRORS[status][0]}"}
    return {**reference, "description": said} if said else reference
