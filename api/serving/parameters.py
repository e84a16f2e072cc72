"""What a request brings: read, checked, and named when it can't be.

Belongs here: from a request's query string or JSON body to a pydantic model. Does not: the models (schemas/).
"""

from collections.abc import Callable
from typing import TypeVar

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from api.serving.errors import ApiError

P = TypeVar("P", bound=BaseModel)


FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def read_parameters(model: type[P], *, ignore_unknown: bool = False) -> P:
    """The request's parameters as a model. Raises ApiError 400 naming each that is unknown, repeated or wrong."""
    given = request.args
    if ignore_unknown:
        known = {field.alias or name for name, field in model.model_fields.items()}
        given = MultiDict((name, value) for name, value in given.items(multi=True) if name in known)
    repeated = [name for name, values in given.lists() if len(values) > 1]
    if repeated:
        raise ApiError(400, f"Give each parameter once; given several times: {', '.join(sorted(repeated))}.")
    unfit = [name for name, value in given.items() if "\0" in name + value]
    if unfit:
        raise ApiError(400, f"Parameter {unfit[0]!r} holds U+0000, which no text here may.")
    return _validated(lambda: model.model_validate(given.to_dict()), model, "parameter")


def read_body(model: type[P], *, or_form: bool = False) -> P:
    """The request's JSON body as a model; none is an empty one. With `or_form` it may be a form.

    Raises ApiError 400 naming each key that is missing, unknown or wrong.
    """
    if or_form and _is_form():
        return _validated(lambda: model.model_validate(request.form.to_dict()), model, "key")
    try:
        given = request.get_json(force=True) if request.get_data() else {}
        is_unfit = _is_unfit(given)
    except (BadRequest, RecursionError) as error:
        raise ApiError(400, "The body must be a JSON object (Content-Type: application/json).") from error
    if not isinstance(given, dict):
        raise ApiError(400, f"The body must be a JSON object; given: {type(given).__name__}.")
    if is_unfit:
        raise ApiError(400, "The body holds U+0000, or a number beyond 64 bits: neither may be in it.")
    # JSON has types of its own: a number in quotes is no number, and `true` is not 1.
    return _validated(lambda: model.model_validate_json(request.get_data() or "{}", strict=True), model, "key")


def _is_form() -> bool:
    """Whether the body is one. JSON under a form's media type, as `curl -d` sends it, is JSON."""
    return request.mimetype in FORMS and not request.get_data().lstrip().startswith(b"{")


def _is_unfit(value: object) -> bool:
    """PostgreSQL keeps no text with U+0000 in it, and no longer numbers."""
    if isinstance(value, dict):
        return any(_is_unfit(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return any(map(_is_unfit, value))
    return (isinstance(value, str) and "\0" in value) or (isinstance(value, int) and not -(2**63) <= value < 2**63)


def _validated(read: Callable[[], P], model: type[P], kind: str) -> P:
    try:
        return read()
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
