"""GET /api/me/: who calls, and which organizations they may look at.

Belongs here: the one answer that needs no organization to be chosen. Does not: figures.
"""

from flask import Blueprint, Response
from pydantic import BaseModel, ConfigDict

from api.access.parts import parts, person
from api.serving.answers import answer
from api.serving.endpoints import NoParameters, describe

blueprint = Blueprint("me", __name__, url_prefix="/api/me")


class OrganizationOut(BaseModel):
    """An organization somebody belongs to, the role there, and whether it may act on alerts."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    role: str
    may_act: bool


class MeOut(BaseModel):
    """Who calls."""

    user_id: int
    organizations: list[OrganizationOut]


@blueprint.get("/")
@describe(answer=MeOut, parameters=NoParameters, tag="me", needs_organization=False)
def me() -> Response:
    """Who calls, and the organizations to choose from (X-Org-ID).

    An API key names one organization, a person's token all that the person belongs to.
    """
    who, acting = person(), parts().settings.roles_that_act
    organizations = [
        OrganizationOut(
            id=member.organization_id, name=member.organization_name, role=member.role, may_act=member.role in acting
        )
        for member in who.memberships
    ]
    return answer(MeOut(user_id=who.user_id, organizations=organizations))
