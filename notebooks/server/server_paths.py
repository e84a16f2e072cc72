"""Takes the server's own paths out of the pages that marimo makes.

Belongs here: what marimo tells a browser of where it runs. Does not: our own pages. marimo writes the notebook's absolute
path, its folder and the project's into each page, for its editor, which nobody opens here.
"""

import json
import re
from html import escape
from pathlib import Path
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

EDITORS = re.compile(r'"(?:cwd|lspWorkspace)": (?:"[^"\n]*"|\{[^{}\n]*\})')
"""Where the editor would find files: from the line's name to the end of its value."""


class WithoutServerPaths:
    """ASGI middleware around one app: its page names the notebook's file alone."""

    def __init__(self, app: ASGIApp, notebook: Path) -> None:
        self._app = app
        self._notebook = notebook

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as the app does; a page is held back until it is whole."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        parts: list[bytes] = []

        async def send_without(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_page(message):
                start = message
            elif start is None:
                await send(message)
            else:
                parts.append(message.get("body", b""))
                if not message.get("more_body", False):
                    body = without_paths(b"".join(parts).decode(), self._notebook).encode()
                    MutableHeaders(scope=start)["Content-Length"] = str(len(body))
                    await send(start)
                    await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, send_without)


def _is_page(start: Message) -> bool:
    return "text/html" in MutableHeaders(scope=start).get("content-type", "")


def without_paths(html: str, notebook: Path) -> str:
    """A page of marimo's with the notebook's name in the place of its path, and no folder."""
    html = EDITORS.sub(lambda found: found[0].partition(":")[0] + ": null", html)
    for written in (escape, _in_script, _in_address):
        html = html.replace(written(str(notebook)), written(notebook.name))
    return html


def _in_script(text: str) -> str:
    return json.dumps(text)[1:-1].replace("<", r"\u003C").replace(">", r"\u003E").replace("&", r"\u0026")


def _in_address(text: str) -> str:
    return quote(text, safe="~()*!.'")
