"""Headers that tell browsers what they may do with an answer.

Belongs here: security headers, and which other origins may read (CORS). Does not: freshness and ETags (serving/).
"""

from flask import Flask, Response, request
from flask_cors import CORS

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-site",
    "Cache-Control": "no-store",
}
_YEAR = 365 * 24 * 3600

READABLE = (
    "X-Request-ID", "X-Total-Count", "Link", "X-Notice", "ETag", "X-As-Of", "X-Snapshot", "X-Age-Seconds", "X-Cache",
    "Retry-After",
)  # fmt: skip
"""What a page of another origin may read beside the body."""

SENDABLE = ("Authorization", "X-API-Key", "X-Org-ID", "X-Request-ID", "If-None-Match", "Content-Type", "Accept")
"""What such a page may send."""


def register_response_headers(app: Flask, origins: tuple[str, ...]) -> None:
    """Adds the headers to every answer; pages of `origins` may call, and of no other where there are none."""
    app.after_request(_secure)
    if origins:
        CORS(
            app,
            resources={r"/api/.*": {"origins": list(origins)}},
            methods=["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"],
            allow_headers=list(SENDABLE),
            expose_headers=list(READABLE),
            max_age=3600,
            always_send=False,
        )


def _secure(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = f"max-age={_YEAR}"
    return response
