"""Where a path without its last slash is sent on to.

Belongs here: taking the host out of it. Does not: which paths there are. Werkzeug writes the host that was asked for
into the address, which is whatever the client says.
"""

from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.routing import RequestRedirect


def register_redirects(app: Flask) -> None:
    """Makes each redirect a path on the same host, without a body."""
    app.after_request(_without_host)


def _without_host(response: Response) -> Response:
    if isinstance(request.routing_exception, RequestRedirect):
        parts = urlsplit(response.headers["Location"])
        response.headers["Location"] = parts.path + (f"?{parts.query}" if parts.query else "")
        response.set_data(b"")
    return response
