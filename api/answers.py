"""Models to responses.

Belongs here: serialisation. Does not: what is answered.
"""

from flask import Response
from pydantic import BaseModel


def answer(model: BaseModel, status: int = 200) -> Response:
    """A model as JSON."""
    return Response(model.model_dump_json(), status=status, mimetype="application/json")
