"""The API under gunicorn.

Belongs here: the server's own options. Does not: the application (app.py).
"""

import logging
import sys
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from api.app import create_app
from warehouse.settings import Settings


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, settings: Settings) -> None:
        self._corbi = settings
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": f"{self._corbi.api_host}:{self._corbi.api_port}",
            "workers": self._corbi.api_workers,
            "threads": self._corbi.api_threads,
            "worker_class": "gthread",
            "timeout": 60,
            "graceful_timeout": 5,
            "proc_name": "corbi-monitoring-api",
            "loglevel": self._corbi.log_level.lower(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        # Called in each worker after the fork, so connections never cross it.
        logging.basicConfig(level=self._corbi.log_level, format="%(message)s", stream=sys.stderr)
        return create_app(self._corbi)


def serve(settings: Settings) -> None:
    """Serves until told to stop (SIGTERM, SIGINT). Raises SettingsError before it listens."""
    create_app(settings)
    _Server(settings).run()
