"""Under which path the API is reached.

Belongs here: telling it from the path inside the API. Does not: routes. A proxy passes a path on as it was asked for,
so no `X-Forwarded-Prefix` is needed, or read.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class BasePath:
    """WSGI middleware: a path that begins with `base_path` is asked for under it, any other as it stands."""

    def __init__(self, app: "WSGIApplication", base_path: str) -> None:
        self._app = app
        self._base_path = base_path.rstrip("/")

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answers as the app does."""
        path = environ.get("PATH_INFO", "")
        if self._base_path and path.startswith(f"{self._base_path}/"):
            environ |= {"SCRIPT_NAME": self._base_path, "PATH_INFO": path.removeprefix(self._base_path)}
        return self._app(environ, start_response)
