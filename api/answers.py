"""Models to responses.

Belongs here: serialisation, and what all answers say alike. Does not: what is answered.
"""

from datetime import datetime

from flask import Response
from pydantic import BaseModel


def answer(model: BaseModel, status: int = 200) -> Response:
    """A model as JSON."""
    return Response(model.model_dump_json(), status=status, mimetype="application/json")


def age_seconds(as_of: datetime, now: datetime) -> float:
    """How old figures are, to a tenth of a second. Never negative: the source's clock may be ahead of ours."""
    return max(0.0, round((now - as_of).total_seconds(), 1))
