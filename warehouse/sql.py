"""Reads the `.sql` files that stand beside the Python that runs them.

Belongs here: finding a statement and filling in identifiers of our own declaration.
Does not: values (they are bound by whoever executes the statement).
"""

from collections.abc import Mapping
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
