"""/healthz and /readyz, for load balancers and people: is the process up, and can it answer.

Belongs here: these two. Does not: figures; nothing here needs a caller.
"""

from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify

from api.access import parts
from api.answers import age_seconds, answer
from api.schemas.metrics import ReadyOut

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> Response:
    """The lake and the directory can be read and hold figures; 503 with the reason where not."""
    as_of = parts().lakes.as_of()
    return answer(
        ReadyOut(
            status="ready",
            as_of=as_of,
            age_seconds=age_seconds(as_of, datetime.now(UTC)),
            members_as_of=parts().directory.copied_at(),
        )
    )
