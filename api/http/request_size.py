"""How long a request may be.

Belongs here: the limits on the path with its parameters, and on the body. Does not: what is in them (serving/).
"""

from flask import Flask, request

from api.serving.errors import ApiError

MOST_URL_BYTES = 4096
MOST_BODY_BYTES = 64 * 1024


def register_request_size(app: Flask) -> None:
    """Refuses what is longer, before anything is read of it."""
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY_BYTES
    app.before_request(_refuse_long)


def _refuse_long() -> None:
    if len(request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI") or request.full_path) > MOST_URL_BYTES:
        raise ApiError(414, f"The path with its parameters may have {MOST_URL_BYTES:,} bytes at most.")
    if (request.content_length or 0) > MOST_BODY_BYTES:
        raise ApiError(413, f"The body may have {MOST_BODY_BYTES:,} bytes at most.")
