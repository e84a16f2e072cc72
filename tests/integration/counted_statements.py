"""Counts what is asked of DuckDB.

Belongs here: a connection that counts. Does not: claims, and numbers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import pytest

from warehouse.lake import connection as lake_connection

_STATEMENTS = ("execute", "executemany", "sql")


class _Counted:
    """A DuckDB connection that notes each statement."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, statements: list[str]) -> None:
        self._connection = connection
        self._statements = statements

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._connection, name)
        if name not in _STATEMENTS:
            return found

        def noted(sql: str, *more: Any) -> Any:
            self._statements.append(sql)
            result = found(sql, *more)
            return self if result is self._connection else result

        return noted

    def __enter__(self) -> "_Counted":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()


@contextmanager
def counted_statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements of every lake that is opened within the block."""
    statements: list[str] = []
    connect = duckdb.connect
    with monkeypatch.context() as patched:
        patched.setattr(
            lake_connection.duckdb, "connect", lambda *args, **named: _Counted(connect(*args, **named), statements)
        )
        yield statements
