"""Reads the `.sql` files that stand beside the Python that runs them.

Belongs here: finding a statement, filling in identifiers of our own declaration, and the one way to quote a text where
SQL allows no bound value (attach, a query within a query). Does not: values (whoever executes a statement binds them).
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib import resources


@cache
def _text(package: str, name: str) -> str:
    return resources.files(package).joinpath(f"{name}.sql").read_text(encoding="utf-8")


def statement(package: str, name: str, fragments: Mapping[str, str] | None = None) -> str:
    """The text of `<package>/<name>.sql` with each `{fragment}` replaced by our own identifier or SQL.

    Fragments may hold fragments; they are replaced in the order given.
    """
    text = _text(package, name)
    for key, value in (fragments or {}).items():
        text = text.replace("{" + key + "}", value)
    return text


def statements(package: str, name: str) -> list[str]:
    """The statements of a file that holds several, split at `;` at a line's end."""
    return [part.strip() for part in _text(package, name).split(";\n") if part.strip()]


def quoted(text: str) -> str:
    """A string literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def as_json(values: Iterable[object]) -> str:
    """Many values as one text to bind, for `unnest(from_json(?, '["bigint"]'))`.

    DuckDB's client looks for pandas with every value that it is given, in a list as well; where there is none, that is
    a search through all folders of modules, a quarter of a millisecond a value.
    """
    return json.dumps(list(values), default=str)


def texts_sql(texts: Iterable[str]) -> str:
    """A list of texts for SQL's `in`."""
    return ", ".join(quoted(text) for text in texts)


def days_sql(days: Iterable[date]) -> str:
    """A list of days for SQL's `in`; a day that never was when there are none."""
    return ", ".join(f"date '{day}'" for day in sorted(days)) or "date '0001-01-01'"
