"""The dashboards as a process of their own, the API they ask, and how their server is spoken to.

Belongs here: starting and stopping them, sockets. Does not: claims.
"""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from websockets.sync.client import ClientConnection, connect
from werkzeug.serving import make_server

from api.app import create_app as create_api
from api.serving.needs import EXTENSION
from cli.composition import environment_of
from demo.services import Service, Services
from tests.browser.stack import free_ports
from warehouse.settings import Settings


@contextmanager
def serving_api(settings: Settings) -> Iterator[str]:
    """Where the API listens, in this process."""
    app = create_api(settings)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions[EXTENSION].close()


@contextmanager
def serving_dashboards(settings: Settings, log_folder: Path) -> Iterator[str]:
    """Where they listen, without the path of their public address, until the block ends."""
    port = free_ports(1)[0]
    command, url = (sys.executable, "-m", "cli.main", "dashboards"), f"http://127.0.0.1:{port}"
    environment = environment_of(settings.model_copy(update={"dashboard_port": port}))
    with Services(log_folder) as services:
        dashboards = Service("Dashboards", command, environment, probe=f"{url}/healthz")
        services.start(dashboards)
        services.await_ready(dashboards, lambda: False)
        yield url


def socket(url: str, session: str, headers: dict[str, str]) -> ClientConnection:
    """A session with an app; `url` is where the app is."""
    address = f"{url.replace('http', 'ws', 1)}/ws?session_id={session}"
    return connect(address, additional_headers=headers, max_size=None)


def heard(connection: ClientConnection) -> str:
    """All that a session says until its notebook has run through."""
    said: list[str] = []
    deadline = time.monotonic() + 60
    while not any('"completed-run"' in one for one in said):
        said.append(str(connection.recv(timeout=deadline - time.monotonic())))
    return "\n".join(said)
