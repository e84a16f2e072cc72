"""Answers as CSV: one table an answer, for spreadsheets.

Belongs here: the form of the text. Does not: which columns an answer has (beside its route).
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

CSV = "text/csv"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Table:
    """Columns by name, and rows of values."""

    columns: Sequence[str]
    rows: Iterable[Sequence[object]]


def table_of(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> Table:
    """A table of mappings that all have the columns."""
    return Table(columns, ([row[column] for column in columns] for row in rows))


def csv_text(table: Table) -> str:
    """CSV by RFC 4180, with a header line. A text that a spreadsheet would run as a formula gets a `'` before it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(table.columns)
    writer.writerows([_cell(value) for value in row] for row in table.rows)
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value
