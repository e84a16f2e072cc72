"""Headers that every answer of the dashboards carries.

Belongs here: what a browser may do with our pages. Does not: cookies (sign_in.py).
"""

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class SecurityHeaders:
    """ASGI middleware that adds them. `frontend_url` is the one other site that may show our pages in a frame."""

    def __init__(self, app: ASGIApp, frontend_url: str | None) -> None:
        self._app = app
        self._headers = {
            "Content-Security-Policy": _policy(frontend_url),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
            "Cross-Origin-Opener-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as the app does, with the headers beside."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                if "text/html" in headers.get("content-type", ""):
                    headers["Cache-Control"] = "no-store"
                elif "/assets/" in scope["path"] and message["status"] < 400:
                    # Their names hold a hash of what is in them.
                    headers["Cache-Control"] = "public, max-age=31536000, immutable"
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def _policy(frontend_url: str | None) -> str:
    framers = ["'self'"]
    if frontend_url:
        parts = urlsplit(frontend_url)
        framers.append(f"{parts.scheme}://{parts.netloc}")
    return "; ".join(
        (
            "default-src 'self'",
            # marimo's page starts with inline scripts, and Vega compiles its expressions.
            "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self' data:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            f"frame-ancestors {' '.join(framers)}",
        )
    )
