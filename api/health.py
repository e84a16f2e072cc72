"""/healthz and /readyz, for load balancers and people: is the process up, and can it answer.

Belongs here: these two. Does not: figures; nothing here needs a caller.
"""

from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify

from api.access import lake, parts
from api.answers import answer
from api.schemas import ReadyOut
from warehouse.status import status_of

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> Response:
    """The lake and the directory can be read; 503 with the reason where they can't."""
    with lake() as reader:
        status = status_of(reader)
    members_as_of = parts().directory.copied_at()
    as_of = status.rolled_up_as_of
    return answer(
        ReadyOut(
            status="ready",
            as_of=as_of,
            age_seconds=round((datetime.now(UTC) - as_of).total_seconds(), 1) if as_of else None,
            members_as_of=members_as_of,
        )
    )
