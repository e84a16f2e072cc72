"""All dashboards as one ASGI application.

Belongs here: putting the parts together. Does not: any of them.
"""

import logging
import os
from functools import partial
from pathlib import Path

import marimo
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from notebooks.look.navigation import APPS
from notebooks.look.palette import style_sheet
from notebooks.server.gate import Gate, Sessions
from notebooks.server.headers import SecurityHeaders
from notebooks.server.hosts import HEALTH, KnownHosts
from notebooks.server.options import SESSION_SECONDS, Options
from notebooks.server.people import Doorkeeper
from notebooks.server.server_paths import WithoutServerPaths
from notebooks.server.sign_in import SignIn
from notebooks.server.warm import warm_up

NOTEBOOKS = Path(__file__).parent.parent
SCRIPT = Path(__file__).parent / "page.js"


def create_app(options: Options) -> ASGIApp:
    """The application. Opens no connection: sessions do when somebody comes."""
    doorkeeper, sessions = Doorkeeper(options.api_url), Sessions()
    head = f"<style>{style_sheet()}</style><script>{SCRIPT.read_text(encoding='utf-8')}</script>"
    builder = marimo.create_asgi_app(quiet=True, session_ttl=SESSION_SECONDS, html_head=head)
    gate = partial(Gate, options=options, doorkeeper=doorkeeper, sessions=sessions)
    for app in APPS:
        notebook = NOTEBOOKS / app.notebook
        placeless = partial(WithoutServerPaths, notebook=notebook)
        builder = builder.with_app(path=app.path, root=str(notebook), middleware=[placeless, gate])
    pages = Mount(options.base_path, routes=[*SignIn(options, doorkeeper).routes, Mount("/", builder.build())])
    server = Starlette(
        routes=[Route(HEALTH, _health, methods=["GET"]), pages],
        middleware=[
            Middleware(SecurityHeaders, frontend_url=options.frontend_url),
            Middleware(KnownHosts, options=options),
        ],
    )
    # Starlette's own redirects lead to whatever host was asked.
    server.router.redirect_slashes = False
    if options.base_path:
        server.router.routes.append(Route(options.base_path, _with_slash, methods=["GET"]))
    return server


async def _with_slash(request: Request) -> Response:
    return RedirectResponse(f"{request.scope['path']}/", 308)


async def _health(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


def serve(options: Options, host: str, port: int, log_level: str) -> None:
    """Serves until told to stop (SIGTERM, SIGINT)."""
    warm_up()
    config = uvicorn.Config(
        create_app(options),
        host=host,
        port=port,
        log_level=log_level.lower(),
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    try:
        server.run()
    finally:
        if server.started:
            # Open sessions are threads that wait for their visitors and would keep the process; they hold nothing.
            logging.shutdown()
            os._exit(0)
