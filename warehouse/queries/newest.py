"""Single raw rows, newest first, a page at a time.

Belongs here: where a page begins, how far back one has to look for it, what is said of rows that are gone. Does not:
which rows (events.py, messages.py).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Generic, TypeVar

from warehouse.queries.channels import microseconds, moment_of
from warehouse.queries.span import Span, moment_sql

R = TypeVar("R")

POSITION = r"[0-9]{1,16}-[0-9]{1,18}"
"""What a cursor looks like; each such text is a position. Where ids of several tables meet, one's name follows."""

_LOOK_BACK = timedelta(days=1)
"""How far back one looks before everything is read: files are kept by day, and most pages lie in the last one."""


@dataclass(frozen=True)
class Position:
    """The last row of a page, after which the next one begins; newer rows that come before it change nothing.

    `source` names the table where ids of several meet.
    """

    at: datetime
    id: int
    source: str = ""

    def __str__(self) -> str:
        """As a cursor."""
        return "-".join(filter(None, (str(microseconds(self.at)), str(self.id), self.source)))

    def conditions(self, column: str) -> list[str]:
        """SQL conditions that a row comes after it: by time, source and id, each descending."""
        at, older = moment_sql(self.at), f"id < {self.id:d}"
        if self.source:
            older = f"(source < '{self.source}' or source = '{self.source}' and {older})"
        # The first says all; the others are what files and parts of files are told apart by.
        return [
            f"({column} < {at} or {column} = {at} and {older})",
            f"{column} <= {at}",
            f"day <= date '{self.at.date()}'",
        ]


def position_of(cursor: str) -> Position:
    """The position that a cursor of the form POSITION stands for."""
    at_us, id_, *source = cursor.split("-")
    return Position(moment_of(int(at_us)), int(id_), *source)


@dataclass(frozen=True)
class Page(Generic[R]):
    """Rows newest first; `next` is where the following page begins, None on the last."""

    rows: tuple[R, ...]
    next: Position | None
    notices: tuple[str, ...]


@dataclass(frozen=True)
class Stretch:
    """The rows that are looked through for a page, by the `column` that holds their time.

    `first_day` is the first UTC day that is kept, `newest` about the moment of the newest row. Of rows that are rare
    the last day would hardly fill a page, so that everything is read at once.
    """

    column: str
    span: Span
    after: Position | None
    first_day: date
    newest: datetime
    is_rare: bool = False

    def parts(self) -> Iterator[list[str]]:
        """SQL conditions of the stretch's last day, and of all of it."""
        kept_from = datetime.combine(self.first_day, time(), UTC)
        oldest = max(kept_from, self.span.start or kept_from)
        latest = min(self.newest, self.span.end or self.newest, self.after.at if self.after else self.newest)
        has_more = latest - oldest > _LOOK_BACK and not self.is_rare
        for start in (*([latest - _LOOK_BACK] if has_more else []), oldest):
            yield [*Span(start, self.span.end).conditions(self.column), f"day >= date '{start.date()}'", *self._end()]

    def notices(self) -> tuple[str, ...]:
        """What is said where the span reaches back to rows that are gone."""
        start = self.span.start
        if start is None or start.date() >= self.first_day:
            return ()
        return (f"Single rows are kept from {self.first_day} (UTC) on: of what was before, only figures are left.",)

    def _end(self) -> list[str]:
        conditions = self.after.conditions(self.column) if self.after else []
        return [*conditions, *([f"day <= date '{self.span.end.date()}'"] if self.span.end else [])]


def read_page(
    stretch: Stretch, read: Callable[[Sequence[str], int], list[R]], position: Callable[[R], Position], limit: int
) -> Page[R]:
    """The newest `limit` rows of a stretch; `read(conditions, limit)` gives the newest rows that satisfy conditions."""
    rows: list[R] = []
    for conditions in stretch.parts():
        # One more than is shown tells whether there is another page.
        rows = read(conditions, limit + 1)
        if len(rows) > limit:
            break
    shown = tuple(rows[:limit])
    return Page(shown, position(shown[-1]) if len(rows) > limit else None, stretch.notices())
