"""GET /api/openapi.json and /api/docs/: the document, and a page to browse it and try it out.

Belongs here: these pages and the files they load, all from this server. Does not: the document (openapi/).
"""

import json
from importlib.resources import files
from pathlib import Path

import flask_swagger_ui
from flask import Blueprint, Response, current_app, request, send_from_directory
from pydantic import BaseModel, ConfigDict
from werkzeug.exceptions import NotFound

from api.openapi.document import openapi_document
from api.serving.answers import JSON
from api.serving.endpoints import describe

blueprint = Blueprint("docs", __name__, url_prefix="/api")

_KEPT = "corbi.openapi"
_ASSETS = Path(flask_swagger_ui.__file__).parent / "dist"
_ASSET_NAMES = frozenset({"index.css", "swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"})
_OWN = {"": ("index.html", "text/html"), "start.js": ("start.js", "text/javascript")}
# Swagger UI writes style attributes and draws its icons as data; scripts and requests are this server's alone.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


class DocumentOut(BaseModel):
    """An OpenAPI 3.1 document."""

    model_config = ConfigDict(extra="allow")

    openapi: str


@blueprint.get("/openapi.json")
@describe(answer=DocumentOut, tag="docs", is_open=True)
def document() -> Response:
    """This document."""
    # Routes do not change once there are requests, so it is made once for each of the paths it is asked under.
    kept: dict[str, bytes] = current_app.extensions.setdefault(_KEPT, {})
    if request.script_root not in kept:
        kept[request.script_root] = json.dumps(openapi_document(current_app, request.script_root)).encode()
    return Response(kept[request.script_root], mimetype=JSON)


@blueprint.get("/docs/")
@blueprint.get("/docs/<name>")
def page(name: str = "") -> Response:
    """The page, or a file it loads."""
    if name in _OWN:
        file, media_type = _OWN[name]
        response = Response((files("api.openapi.docs_page") / file).read_text(), mimetype=media_type)
    elif name in _ASSET_NAMES:
        response = send_from_directory(_ASSETS, name)
    else:
        raise NotFound
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
