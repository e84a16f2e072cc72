"""Texts that can't be decoded: a database in SQL_ASCII holds any bytes, and takes them for text.

Belongs here: the PostgreSQL condition for texts that are UTF-8, and whether it is needed. Does not: what becomes of the
rows (set_aside.py). Databases in other encodings convert by themselves, since the connection asks for UTF-8.
"""

from collections.abc import Iterable

from warehouse.lake.connection import Connection
from warehouse.source.tables import SourceTable

UNDECODABLE = "undecodable"
"""The column of what is read that says whether a text of the row can't be decoded."""

_TEXTS = frozenset({"VARCHAR", "UBIGINT"})
_FOLLOWS = "[89ab]."
# RFC 3629, section 4, over two hexadecimal digits a byte.
_UTF8 = (
    f"^([0-7].|(c[2-9a-f]|d.){_FOLLOWS}|(e0[ab].|(e[1-9abcef]){_FOLLOWS}|ed[89].){_FOLLOWS}"
    f"|(f0[9ab].|f[1-3]{_FOLLOWS}|f48.){_FOLLOWS}{_FOLLOWS})*$"
)


def note_encoding(lake: Connection, server_encoding: str) -> None:
    """Remembers for this pass whether texts must be looked at."""
    lake.execute("set variable may_be_undecodable = ?", [server_encoding == "SQL_ASCII"])


def may_be_undecodable(lake: Connection) -> bool:
    """Whether the source may hold texts that can't be decoded."""
    row = lake.execute("select getvariable('may_be_undecodable')").fetchone()
    return bool(row and row[0])


def text_columns(table: SourceTable) -> frozenset[str]:
    """The source columns that are read as text."""
    columns = (column for column in table.columns.values() if column.type in _TEXTS and not column.at_source)
    return frozenset(name for column in columns for name in column.reads)


def is_decodable(name: str) -> str:
    """PostgreSQL: whether a source column's bytes are UTF-8; NULL is."""
    return f"""(encode(convert_to("{name}"::text, getdatabaseencoding()), 'hex') ~ '{_UTF8}') is not false"""


def all_decodable(names: Iterable[str]) -> str:
    """PostgreSQL: whether all of some source columns are UTF-8."""
    return " and ".join(is_decodable(name) for name in sorted(names)) or "true"
