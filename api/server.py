"""The API under gunicorn.

Belongs here: the server's own options. Does not: the application (app.py).
"""

import logging
import os
import resource
import shutil
import sys
import tempfile
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from api.app import create_app, require_settings
from api.connections import ConnectionsWorker
from api.serving.needs import EXTENSION
from warehouse.logs import configure_logs
from warehouse.settings import Settings

SHARED_COUNTS = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that tells prometheus_client the folder of what all workers count together."""


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, settings: Settings) -> None:
        self._corbi = settings
        # Named before a worker imports prometheus_client (app.py).
        self._counts = tempfile.mkdtemp(prefix="corbi-metrics-") if settings.metrics_token else None
        if self._counts:
            os.environ[SHARED_COUNTS] = self._counts
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": f"{self._corbi.api_host}:{self._corbi.api_port}",
            "workers": self._corbi.api_workers,
            "threads": self._corbi.api_threads,
            "worker_class": ConnectionsWorker,
            # What the worker gives a connection for a whole request.
            "keepalive": self._corbi.api_request_seconds,
            "timeout": 60,
            "graceful_timeout": 5,
            "proc_name": "corbi-monitoring-api",
            "loglevel": self._corbi.log_level.lower(),
            # It would be one file in the user's home that all servers of that user share.
            "control_socket_disable": True,
            "worker_exit": _leave,
            "on_exit": self._forget_counts,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        # Called in each worker after the fork, so connections never cross it. A request's line is nothing but JSON.
        configure_logs(self._corbi, text="%(message)s", anew=True)
        app = create_app(self._corbi)
        app.extensions[EXTENSION].going_over.begin()
        return app

    def _forget_counts(self, _arbiter: object) -> None:
        if self._counts:
            shutil.rmtree(self._counts, ignore_errors=True)


def _leave(_arbiter: object, worker: Any) -> None:
    """Ends a worker that has served, without what the interpreter does at exit.

    DuckDB was imported before the fork, so its exit would join a thread that only the master has, and abort; and the
    master's own exit handlers would run once more in each worker. A worker that never came up keeps its exit status.
    """
    if worker.booted:
        worker.wsgi.extensions[EXTENSION].close()
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)


def serve(settings: Settings) -> None:
    """Serves until told to stop (SIGTERM, SIGINT), with as many files open as it may have.

    Raises SettingsError before it listens.
    """
    require_settings(settings)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    _Server(settings).run()
