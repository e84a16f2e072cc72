"""Running the demonstration's SQL files.

Here: reading a file of the package, binding its values, sending it.
Not here: any statement.
"""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import psycopg


def read(path: str) -> str:
    """The text of a file of this package, which is as trusted as the code beside it."""
    return (files("demo") / path).read_text(encoding="utf-8")


def statements(path: str) -> Iterator[str]:
    """The statements of a file whose strings hold no semicolon."""
    for statement in read(path).split(";\n"):
        if statement.strip():
            yield statement


def connect(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """An autocommit connection that binds values on this side, as statements that create things need it."""
    return psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor)


def execute(connection: psycopg.Connection[tuple[Any, ...]], path: str, values: dict[str, Any]) -> int:
    """Runs the one statement (or script) of a file with its values bound; gives the number of rows it wrote."""
    return connection.execute(read(path), values).rowcount
