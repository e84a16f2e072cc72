"""Query parameters: read, checked, and named when they can't be.

Belongs here: from a request's query string to a pydantic model. Does not: the models (schemas.py).
"""

from typing import TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from api.errors import ApiError

P = TypeVar("P", bound=BaseModel)


def parameters(model: type[P]) -> P:
    """The request's parameters as a model. Raises ApiError 400 naming each that is unknown, repeated or wrong."""
    repeated = [name for name, values in request.args.lists() if len(values) > 1]
    if repeated:
        raise ApiError(400, f"Give each parameter once; given several times: {', '.join(sorted(repeated))}.")
    try:
        return model.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise ApiError(400, " ".join(_complaint(model, dict(item)) for item in error.errors())) from error


def _complaint(model: type[BaseModel], item: dict[str, object]) -> str:
    location = item["loc"]
    name = str(location[0]) if isinstance(location, tuple) and location else "?"
    if item["type"] == "extra_forbidden":
        allowed = ", ".join(sorted(field.alias or key for key, field in model.model_fields.items())) or "none"
        return f"Unknown parameter {name!r}; allowed: {allowed}."
    return f"Parameter {name!r}: {item['msg']} (given: {str(item['input'])[:80]!r})."
