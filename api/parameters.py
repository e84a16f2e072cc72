"""What a request brings: read, checked, and named when it can't be.

Belongs here: from a request's query string or JSON body to a pydantic model. Does not: the models (schemas/).
"""

from typing import TypeVar

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import BadRequest

from api.errors import ApiError

P = TypeVar("P", bound=BaseModel)


def read_parameters(model: type[P]) -> P:
    """The request's parameters as a model. Raises ApiError 400 naming each that is unknown, repeated or wrong."""
    repeated = [name for name, values in request.args.lists() if len(values) > 1]
    if repeated:
        raise ApiError(400, f"Give each parameter once; given several times: {', '.join(sorted(repeated))}.")
    return _validated(model, request.args.to_dict(), "parameter")


def read_body(model: type[P]) -> P:
    """The request's JSON body as a model; none is an empty one.

    Raises ApiError 400 naming each key that is missing, unknown or wrong.
    """
    try:
        given = request.get_json(force=True) if request.get_data() else {}
    except BadRequest as error:
        raise ApiError(400, "The body must be a JSON object (Content-Type: application/json).") from error
    if not isinstance(given, dict):
        raise ApiError(400, f"The body must be a JSON object; given: {type(given).__name__}.")
    return _validated(model, given, "key")


def _validated(model: type[P], given: object, kind: str) -> P:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise ApiError(400, " ".join(_complaint(model, dict(item), kind) for item in error.errors())) from error


def _complaint(model: type[BaseModel], item: dict[str, object], kind: str) -> str:
    location = item["loc"]
    message = str(item["msg"]).removeprefix("Value error, ")
    if not isinstance(location, tuple) or not location:
        return f"{message[:1].upper()}{message[1:]}."
    name = ".".join(map(str, location))
    if item["type"] == "extra_forbidden":
        allowed = ", ".join(sorted(field.alias or key for key, field in model.model_fields.items())) or "none"
        return f"Unknown {kind} {name!r}; allowed: {allowed}."
    return f"{kind.capitalize()} {name!r}: {message} (given: {str(item['input'])[:80]!r})."
