"""/healthz and /readyz, for load balancers and people: is the process up, and can it answer.

Belongs here: these two. Does not: figures; nothing here needs a caller.
"""

from datetime import UTC, datetime

from flask import Blueprint, Response

from api.access.parts import parts
from api.schemas.metrics import AliveOut, ReadyOut
from api.serving.answers import age_seconds, answer
from api.serving.endpoints import describe
from api.serving.errors import ApiError
from warehouse.lake.damage import noted_damage

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@describe(answer=AliveOut, tag="health", is_open=True)
def healthz() -> Response:
    """Whether the process answers."""
    return answer(AliveOut(status="ok"))


@blueprint.get("/readyz")
@describe(answer=ReadyOut, tag="health", is_open=True, statuses={503: "Not ready; `detail` says why."})
def readyz() -> Response:
    """Whether the lake and the directory can be read, hold figures, and these follow what is read."""
    as_of, status = parts().lakes.as_of(), parts().lakes.status()
    if status.is_behind:
        trouble = status.rollup_trouble or "rolling up was stopped"
        raise ApiError(503, f"The figures are {status.passes_behind} passes behind what was read: {trouble}.")
    damage = noted_damage(parts().settings)
    return answer(
        ReadyOut(
            status="ready",
            as_of=as_of,
            age_seconds=age_seconds(as_of, datetime.now(UTC)),
            members_as_of=parts().directory.copied_at(),
            set_aside=status.set_aside,
            first_set_aside=status.first_set_aside or None,
            damaged_files=len(damage),
            first_damaged=str(damage[0]) if damage else None,
        )
    )
