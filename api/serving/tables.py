"""Answers as CSV: one table an answer, for spreadsheets.

Belongs here: the form of the text. Does not: which columns an answer has (beside its route).
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

CSV = "text/csv"
_SIGNS = frozenset("=+-@\N{MINUS SIGN}")
_HIDDEN = {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Me"}
"""Kinds of characters that show nothing by themselves: blanks, controls, joiners, marks without a letter under them."""
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters that show nothing."""
_BREAKS = ("\t", "\r", "\n")
_PIECES = re.compile(r"[^;\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+|[\s\S]")
"""What a program makes cells of that takes `;` or a tab for the separator, as spreadsheets do in half of Europe."""


@dataclass(frozen=True)
class Table:
    """Columns by name, and rows of values."""

    columns: Sequence[str]
    rows: Iterable[Sequence[object]]


def table_of(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> Table:
    """A table of mappings that all have the columns."""
    return Table(columns, ([row[column] for column in columns] for row in rows))


def csv_text(table: Table) -> str:
    """CSV by RFC 4180, with a header line. A text that a spreadsheet would run as a formula gets a `'` before it.

    So does each part of a text that would be a cell of its own where `;` or a tab separates cells. A text that begins
    with a tab or a line break gets one too, since some programs drop these and read on (OWASP, CSV injection).
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(table.columns)
    writer.writerows([_cell(value) for value in row] for row in table.rows)
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, str):
        parts = "".join("'" + piece if _is_formula(piece) else piece for piece in _PIECES.findall(value))
        return "'" + parts if parts.startswith(_BREAKS) else parts
    return value


def _is_formula(piece: str) -> bool:
    """Whether the first character to be seen is a sign that begins a formula, in any width."""
    first = next((character for character in piece if not _is_hidden(character)), "")
    return bool(_SIGNS.intersection(unicodedata.normalize("NFKC", first)[:1]))


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN or character in _BLANK_LETTERS
