"""What answers need of the application around them: said here, given by whoever builds it (access/parts.py).

Belongs here: the names and types of what is needed. Does not: making it. So serving/ knows nobody above it.
"""

from typing import Protocol

from flask import current_app
from sqlalchemy import Engine

from api.serving.cache import AnswerCache
from api.serving.going_over import GoingOver
from api.serving.refresh_request import RefreshRequests
from warehouse.lake.connections import WarehouseConnections
from warehouse.queries.lakes import OrganizationLakes
from warehouse.queries.scope import Organization
from warehouse.settings import Settings

EXTENSION = "corbi"
"""Where the application keeps what is needed."""


class Caller(Protocol):
    """Whom an answer is for."""

    @property
    def organization(self) -> Organization:
        """The one organization that may be read."""

    @property
    def role(self) -> str:
        """What the caller is there: admin, staff or viewer."""


class Alerts(Protocol):
    """The alert store, as far as an answer from the lake needs it."""

    @property
    def engine(self) -> Engine:
        """On tables of this version. Raises WarehouseUnavailableError."""

    def prepare(self) -> None:
        """Sees to it that its tables are there, since the latest version is read from them too."""


class Needs(Protocol):
    """Settings, the lake by organization, connections, kept answers, the snapshot to answer from, passes on request,
    alerts, and who calls.
    """

    @property
    def settings(self) -> Settings: ...

    @property
    def lakes(self) -> OrganizationLakes: ...

    @property
    def connections(self) -> WarehouseConnections: ...

    @property
    def cache(self) -> AnswerCache: ...

    @property
    def going_over(self) -> GoingOver: ...

    @property
    def refreshes(self) -> RefreshRequests: ...

    @property
    def alerts(self) -> Alerts: ...

    def caller(self) -> Caller:
        """Who makes the present request. Raises ApiError 401 or 403."""


def needs() -> Needs:
    """What the application that answers the present request has for it."""
    found: Needs = current_app.extensions[EXTENSION]
    return found
