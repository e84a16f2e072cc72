"""The alert store as the API reaches it: one engine a process, opened when it is first used.

Belongs here: opening it, once its tables are there. Does not: what is read or changed (alerts/).
"""

import threading

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from alerts.database import make_engine, unavailable
from alerts.migrations import upgrade
from warehouse.settings import Settings


class AlertStore:
    """The engine. The first use of a process brings the tables to this version: the API may start before Dagster."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        """The engine on tables of this version. Raises WarehouseUnavailableError when the server can't be reached."""
        with self._lock:
            if self._engine is None:
                try:
                    upgrade(self._settings)
                except OperationalError as error:
                    raise unavailable(error) from error
                self._engine = make_engine(self._settings)
            return self._engine

    def prepare(self) -> None:
        """Sees to it that the tables are there, for those who read them otherwise."""
        _ = self.engine

    def close(self) -> None:
        """Gives the connections back; the next use opens them again."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None
