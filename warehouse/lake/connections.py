"""Short reads from the warehouse's own PostgreSQL, by many threads.

Belongs here: keeping connections, and what their failures mean; one look at another database of the settings. Does not:
what is read (versions.py, directory/).
"""

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import psycopg

from warehouse.errors import WarehouseEmptyError, WarehouseUnavailableError
from warehouse.lake.connection import connect_warehouse
from warehouse.lake.trouble import reason
from warehouse.settings import Settings

Rows = Sequence[tuple[object, ...]]

NOTHING_COPIED = "Nobody is known yet: run `corbi-monitoring refresh`, or wait for the first pass."


class WarehouseConnections:
    """As many connections as threads read at the same time, kept for the next; `close` gives them back."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._idle: deque[psycopg.Connection] = deque()

    def close(self) -> None:
        """Closes the connections nobody uses; the next read opens one again."""
        with suppress(IndexError):
            while True:
                self._idle.pop().close()

    def rows(self, sql: str, values: Sequence[object] = ()) -> Rows:
        """The rows of one statement, which is a transaction of its own.

        Raises WarehouseUnavailableError at once and with the cause (a pool that waits for its connections to come back
        would keep every caller waiting), and WarehouseEmptyError where a table is not there before the first pass.
        """
        try:
            try:
                return self._read(sql, values)
            except psycopg.OperationalError:
                # The server was restarted since the connection was last used: the idle ones are as dead as this one.
                self.close()
                return self._read(sql, values)
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
            raise WarehouseEmptyError(NOTHING_COPIED) from error
        except psycopg.Error as error:
            raise WarehouseUnavailableError(
                f"The warehouse's PostgreSQL can't be read with CORBI_WAREHOUSE_URL: {reason(error)}"
            ) from error

    def _read(self, sql: str, values: Sequence[object]) -> Rows:
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = connect_warehouse(self._settings, autocommit=True)
        try:
            return connection.execute(sql.encode(), values).fetchall()
        finally:
            if connection.closed:
                connection.close()
            else:
                self._idle.append(connection)


def rows_once(settings: Settings, database: str, sql: str, *, seconds: int) -> list[tuple[Any, ...]]:
    """The rows of one statement on a database that a setting names (`dagster_url`, `source_url`).

    Neither connecting nor the statement takes longer than so many seconds. Raises WarehouseUnavailableError.
    """
    try:
        with psycopg.connect(settings.required(database), autocommit=True, connect_timeout=seconds) as connection:
            connection.execute(f"set statement_timeout = '{seconds}s'".encode())
            return connection.execute(sql.encode()).fetchall()
    except psycopg.Error as error:
        raise WarehouseUnavailableError(
            f"The database of CORBI_{database.upper()} can't be read: {reason(error)}"
        ) from error
