"""What a route may use: the caller, and the parts the app is built with.

Belongs here: the parts, reached from a request. Does not: making them (app.py). Nothing here gives out the lake but for
one organization.
"""

from dataclasses import dataclass

from flask import current_app, g, request

from api.access.alert_store import AlertStore
from api.access.identity import Caller, Person, choose_organization, identify_person
from api.serving.cache import AnswerCache
from api.serving.errors import ApiError
from api.serving.going_over import GoingOver
from api.serving.needs import EXTENSION
from api.serving.refresh_request import RefreshRequests
from warehouse.directory.members import Directory
from warehouse.lake.connections import WarehouseConnections
from warehouse.queries.lakes import OrganizationLakes
from warehouse.settings import Settings


@dataclass(frozen=True)
class Parts:
    """What an app is built with; connections are opened when they are first used, in the process that uses them."""

    settings: Settings
    lakes: OrganizationLakes
    connections: WarehouseConnections
    directory: Directory
    cache: AnswerCache
    going_over: GoingOver
    refreshes: RefreshRequests
    alerts: AlertStore

    def caller(self) -> Caller:
        """Who makes the present request. Raises ApiError 401 or 403."""
        return caller()

    def close(self) -> None:
        """Gives the connections back."""
        self.going_over.close()
        self.lakes.close()
        self.connections.close()
        self.alerts.close()


def build_parts(settings: Settings) -> Parts:
    """The parts of one app. Opens no connection."""
    connections = WarehouseConnections(settings)
    lakes, cache = OrganizationLakes(settings, connections), AnswerCache(settings.cache_ttl_seconds)
    return Parts(
        settings,
        lakes,
        connections,
        Directory(connections),
        cache,
        GoingOver(lakes, connections, cache, settings.going_over_seconds),
        RefreshRequests(settings, connections),
        AlertStore(settings),
    )


def parts() -> Parts:
    """The parts of the app that answers the present request."""
    found = current_app.extensions[EXTENSION]
    if not isinstance(found, Parts):
        raise TypeError("the app was not made by api.app.create_app")
    return found


def person() -> Person:
    """Who calls, whatever the organization. Raises ApiError 401.

    The rate limit, the route and the log line all ask, so the directory is read once a request.
    """
    if "person" not in g:
        try:
            g.person = identify_person(request.headers, parts().directory, parts().settings.required("secret_key"))
        except ApiError as refusal:
            g.person = refusal
    found: Person | ApiError = g.person
    if isinstance(found, ApiError):
        raise found
    return found


def caller() -> Caller:
    """Who calls, and for which organization. Raises ApiError 401 or 403, so nothing of one is read before."""
    if "caller" not in g:
        g.caller = choose_organization(request.headers, person())
    found: Caller = g.caller
    return found
