"""A real HTTP server that answers as Dagster's webserver does: word for word what one of release 1.13.27 said.

Belongs here: the recorded answers, and the server. Does not: claims.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LOADED = (
    '"repositoriesOrError":{"nodes":[{"name":"__repository__","location":{"name":"pipelines.definitions"},'
    '"pipelines":[{"name":"__ASSET_JOB"},{"name":"refresh"},{"name":"retention"},{"name":"verify"}]}]}'
)
RUN_ID = "a28dc8a5-1b65-4554-9849-5800458d9738"
IDLE = f'{{"data":{{"runsOrError":{{"results":[]}},{LOADED}}}}}'
UNDER_WAY = f'{{"data":{{"runsOrError":{{"results":[{{"runId":"{RUN_ID}"}}]}},{LOADED}}}}}'
NOT_LOADED = '{"data":{"runsOrError":{"results":[]},"repositoriesOrError":{"nodes":[]}}}'
STARTED = f'{{"data":{{"launchRun":{{"__typename":"LaunchRunSuccess","run":{{"runId":"{RUN_ID}"}}}}}}}}'
NO_SUCH_JOB = '{"data":{"launchRun":{"__typename":"PipelineNotFoundError"}}}'
WRONG_CONFIG = '{"data":{"launchRun":{"__typename":"RunConfigValidationInvalid"}}}'
WRONG_QUERY = (
    '{"data":null,"errors":[{"message":"Cannot query field \'nothing\' on type \'Query\'.",'
    '"locations":[{"line":1,"column":9}]}]}'
)


@dataclass
class Dagster:
    """A running stand-in: what it answers to each kind of question, and the starts it was asked for."""

    url: str = ""
    look: str = IDLE
    launch: str = STARTED
    status: int = 200
    is_silent: bool = False
    starts: list[dict[str, Any]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)


@contextmanager
def dagster() -> Iterator[Dagster]:
    """The stand-in, on a free port, for as long as the block lasts."""
    state = Dagster()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if state.is_silent:
                state.stopped.wait(60)
            is_start = "launchRun" in body["query"]
            if is_start:
                state.starts.append(body["variables"]["parameters"])
            text = (state.launch if is_start else state.look).encode()
            self.send_response(state.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        state.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield state
        finally:
            state.stopped.set()
            server.shutdown()
            thread.join()
