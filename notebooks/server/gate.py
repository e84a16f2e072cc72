"""The gate before the marimo apps: who may load a page, speak to a session, open a socket.

Belongs here: the paths that exist, sign-in, whose session it is, where a request comes from. Does not: asking the API
(people.py), pages (pages.py). marimo's own server would show more than an app needs (its allow-list of origins is `*`,
and whoever knows a session's name may speak to it), so only what the apps use is let through.
"""

import re
from collections import OrderedDict
from urllib.parse import quote, urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from notebooks.client.visit import Person, Visit
from notebooks.server.options import Options
from notebooks.server.pages import refusal_page
from notebooks.server.people import Doorkeeper, Refusal, token_of

SESSIONS_KEPT = 10_000
POLICY_VIOLATION = 1008

PUBLIC = re.compile(r"(assets|files-static)/.*|health|[a-z0-9_.-]+\.(js|json|png|ico|svg|webmanifest|woff2?|css)")
"""What every visitor's browser loads: the programme text of marimo's pages, no figures."""

SPOKEN = re.compile(r"api/kernel/(set_ui_element_value|set_model_value|function_call)")
"""What a page tells its session."""

FILES = re.compile(r"@file/.+")


class Gate:
    """ASGI middleware around one app. The order of its questions: does the path exist, who is it, whose session is it."""

    def __init__(self, app: ASGIApp, options: Options, doorkeeper: Doorkeeper, sessions: "Sessions") -> None:
        self._app = app
        self._options = options
        self._doorkeeper = doorkeeper
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, or lets the app answer with the visit in the scope."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        if scope["type"] == "websocket":
            refused = await self._refused_socket(connection)
            if refused:
                await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": refused})
                return
            await self._app(scope, receive, send)
            return
        response = await self._refused_request(connection)
        await (response or self._app)(scope, receive, send)

    async def _refused_socket(self, connection: HTTPConnection) -> str | None:
        if _path(connection) != "ws":
            return "no such path"
        if not is_own_origin(connection, self._options):
            return "foreign origin"
        person = await self._admit(connection)
        if isinstance(person, Refusal):
            return "sign in again"
        session = connection.query_params.get("session_id", "")
        return None if self._sessions.claim(session, person) else "another person's session"

    async def _refused_request(self, connection: HTTPConnection) -> Response | None:
        path = _path(connection)
        method = connection.scope["method"]
        if method in ("GET", "HEAD") and PUBLIC.fullmatch(path):
            return None
        is_page, is_spoken = path == "" and method in ("GET", "HEAD"), method == "POST" and bool(SPOKEN.fullmatch(path))
        if not (is_page or is_spoken or (method == "GET" and FILES.fullmatch(path))):
            return JSONResponse({"detail": "Not found"}, 404)
        if is_spoken and not is_own_origin(connection, self._options):
            return JSONResponse({"detail": "Requests from other sites are refused."}, 403)
        person = await self._admit(connection)
        if isinstance(person, Refusal):
            return self._sign_in(connection, person) if is_page else JSONResponse({"detail": "Sign in again."}, 401)
        if is_spoken and not self._sessions.is_owner(connection.headers.get("marimo-session-id", ""), person):
            return JSONResponse({"detail": "The session is another person's, or gone."}, 403)
        return None

    async def _admit(self, connection: HTTPConnection) -> Person | Refusal:
        token = token_of(connection, self._options.token_cookie)
        person = await self._doorkeeper.identify(token)
        if isinstance(person, Person) and token is not None:
            options = self._options
            connection.scope["meta"] = {
                "visit": Visit(
                    options.base_path,
                    _root(connection).removeprefix(options.base_path),
                    token,
                    person,
                    options.api_url,
                    options.frontend_url,
                    options.dashboard_seconds,
                    options.alerts_seconds,
                )
            }
        return person

    def _sign_in(self, connection: HTTPConnection, refusal: Refusal) -> Response:
        if refusal.kind in ("api_down", "no_organization"):
            return refusal_page(refusal, self._options.base_path)
        # Not `connection.url`: that is made of the Host header.
        query = connection.scope["query_string"].decode("latin-1")
        wanted = str(connection.scope["path"]) + (f"?{query}" if query else "")
        reason = "&expired=1" if refusal.kind == "bad_token" else ""
        return RedirectResponse(f"{self._options.base_path}/sign-in?next={quote(wanted, safe='')}{reason}", 303)


class Sessions:
    """Whose session is whose: a session belongs to the person who opened it first."""

    def __init__(self) -> None:
        self._owners: OrderedDict[str, int] = OrderedDict()

    def claim(self, session: str, person: Person) -> bool:
        """Takes a session for a person; False where it is another's."""
        if not session:
            return False
        owner = self._owners.setdefault(session, person.user_id)
        self._owners.move_to_end(session)
        if len(self._owners) > SESSIONS_KEPT:
            self._owners.popitem(last=False)
        return owner == person.user_id

    def is_owner(self, session: str, person: Person) -> bool:
        """Whether the session was opened, and by this person."""
        return self._owners.get(session) == person.user_id


def is_own_origin(connection: HTTPConnection, options: Options) -> bool:
    """Whether a page of ours sends this: browsers put the sender's origin into every POST and socket."""
    origin = connection.headers.get("origin")
    if origin is None:
        return connection.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    return origin == options.public_origin or urlsplit(origin).netloc == connection.headers.get("host")


def _path(connection: HTTPConnection) -> str:
    """The path inside the app."""
    return str(connection.scope["path"]).removeprefix(_root(connection)).lstrip("/")


def _root(connection: HTTPConnection) -> str:
    """Where the app is mounted."""
    return str(connection.scope.get("root_path", ""))
