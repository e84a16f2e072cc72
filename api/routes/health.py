"""/healthz and /readyz, for load balancers and people: is the process up, and can it answer.

Belongs here: these two. Does not: figures; nothing here needs a caller.
"""

from datetime import UTC, datetime

from flask import Blueprint, Response

from api.access.parts import parts
from api.schemas.metrics import AliveOut, ReadyOut
from api.serving.answers import age_seconds, answer
from api.serving.endpoints import describe

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@describe(answer=AliveOut, tag="health", is_open=True)
def healthz() -> Response:
    """Whether the process answers."""
    return answer(AliveOut(status="ok"))


@blueprint.get("/readyz")
@describe(answer=ReadyOut, tag="health", is_open=True, statuses={503: "Not ready; `detail` says why."})
def readyz() -> Response:
    """Whether the lake and the directory can be read and hold figures."""
    as_of = parts().lakes.as_of()
    return answer(
        ReadyOut(
            status="ready",
            as_of=as_of,
            age_seconds=age_seconds(as_of, datetime.now(UTC)),
            members_as_of=parts().directory.copied_at(),
        )
    )
