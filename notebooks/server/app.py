"""All dashboards as one ASGI application.

Belongs here: putting the parts together. Does not: any of them. What is imported on the way is imported once for all
sessions, so the first visitor waits no longer than the next.
"""

from functools import partial
from pathlib import Path

import marimo
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.types import ASGIApp

from notebooks.look.palette import style_sheet
from notebooks.server.gate import Gate, Sessions
from notebooks.server.headers import SecurityHeaders
from notebooks.server.options import SESSION_SECONDS, Options
from notebooks.server.pages import APPS
from notebooks.server.people import Doorkeeper
from notebooks.server.sign_in import SignIn

NOTEBOOKS = Path(__file__).parent.parent

SIGN_IN_AGAIN = """<script>
(() => {
  const plain = window.fetch;
  window.fetch = async (...call) => {
    const answer = await plain(...call);
    if (answer.status === 401 && answer.url.includes("/api/kernel/")) location.reload();
    return answer;
  };
})();
</script>"""
"""A session whose visitor is signed out can't tell so; its page asks the gate anew."""


def create_app(options: Options) -> ASGIApp:
    """The application. Opens no connection: sessions do when somebody comes."""
    doorkeeper, sessions = Doorkeeper(options.api_url), Sessions()
    head = f"<style>{style_sheet()}</style>{SIGN_IN_AGAIN}"
    builder = marimo.create_asgi_app(quiet=True, session_ttl=SESSION_SECONDS, html_head=head)
    gate = partial(Gate, options=options, doorkeeper=doorkeeper, sessions=sessions)
    for app in APPS:
        builder = builder.with_app(path=app.path, root=str(NOTEBOOKS / app.notebook), middleware=[gate])
    return Starlette(
        routes=[*SignIn(options, doorkeeper).routes, Mount("/", builder.build())],
        middleware=[
            Middleware(SecurityHeaders, frontend_url=options.frontend_url),
            Middleware(GZipMiddleware, minimum_size=2_000, compresslevel=4),
        ],
    )


def serve(options: Options, host: str, port: int, log_level: str) -> None:
    """Serves until told to stop (SIGTERM, SIGINT)."""
    uvicorn.run(
        create_app(options),
        host=host,
        port=port,
        log_level=log_level.lower(),
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
        proxy_headers=False,
    )
