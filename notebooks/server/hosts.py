"""Which hosts the dashboards answer for.

Belongs here: the Host header. Does not: who sends a request (gate.py). A page of another site whose name was made to lead
here (DNS rebinding) would else be of one origin with ours. No `X-Forwarded-…` header is read: the public address is a
setting.
"""

import re

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from notebooks.server.options import Options

HOST = re.compile(r"(?:\[(?P<address>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::\d{1,5})?", re.IGNORECASE)
HEALTH = "/healthz"
"""What a load balancer asks by an address of its own, and what tells nothing."""

REFUSED = (
    "The dashboards are not set up for the host in this address. Whoever runs them: set CORBI_DASHBOARD_URL to the address "
    "that people type, or name the host in CORBI_DASHBOARD_HOSTS."
)


class KnownHosts:
    """ASGI middleware that answers 400 where a request's host is none of the known ones."""

    def __init__(self, app: ASGIApp, options: Options) -> None:
        self._app = app
        self._known = options.known_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets the app answer, or refuses. A socket that is refused here gets a 403 from the server."""
        if scope["type"] in ("http", "websocket") and scope["path"] != HEALTH and _host(scope) not in self._known:
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008, "reason": "unknown host"})
                return
            await JSONResponse({"detail": REFUSED}, 400)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _host(scope: Scope) -> str | None:
    """The host that is asked, in lower case and without its port; None where that can't be told."""
    given = Headers(scope=scope).getlist("host")
    found = HOST.fullmatch(given[0]) if len(given) == 1 else None
    return (found["address"] or found["name"]).lower() if found else None
