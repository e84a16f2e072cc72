"""Single raw rows, newest first, a page at a time.

Belongs here: where a page begins, how far back one has to look for it, what is said of rows that are gone. Does not:
which rows (events.py, messages.py).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Generic, TypeVar

from warehouse.queries.channels import microseconds, moment_of
from warehouse.queries.span import Span, moment_sql

R = TypeVar("R")

POSITION = r"[0-9]{1,16}-[0-9]{1,19}"
"""What a cursor looks like; each such text is a position. Where ids of several tables meet, one's name follows."""


GREATEST_ID = 2**63 - 1
"""Of PostgreSQL's bigint."""


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
        """SQL conditions that a row of a table by `day` comes after it."""
        return [self.condition(column), f"day <= date '{self.at.date()}'"]

    def condition(self, column: str) -> str:
        """SQL condition that a row comes after it: by time, source and id, each descending."""
        at, older = moment_sql(self.at), f"id < {self.id:d}"
        if self.source:
            older = f"(source < '{self.source}' or source = '{self.source}' and {older})"
        return f"({column} < {at} or {column} = {at} and {older})"


def position_of(cursor: str) -> Position:
    """The position that a cursor of the form POSITION stands for."""
    at_us, id_, *source = cursor.split("-")
    return Position(moment_of(int(at_us)), min(int(id_), GREATEST_ID), *source)


@dataclass(frozen=True)
class Page(Generic[R]):
    """Rows newest first; `next` is where the following page begins, None on the last."""

    rows: tuple[R, ...]
    next: Position | None
    notices: tuple[str, ...]


@dataclass(frozen=True)
class Stretch:
    """The rows that are looked through for a page, by the `column` that holds their time.

    `first_day` is the first UTC day that is kept, `newest` about the moment of the newest row. Of rows that are rare a
    day would hardly fill a page, so that all days are read at once.
    """

    column: str
    span: Span
    after: Position | None
    first_day: date
    newest: datetime
    is_rare: bool = False

    def parts(self) -> Iterator[list[str]]:
        """SQL conditions of its newest day, and then of all the days before.

        The bounds that lie within a day are conditions of the newest alone: to compare the time of every row of a month
        would take three times as long as to find the few that are wanted. What is older than the span comes last, and
        is left out by read_page.
        """
        oldest = max(self.first_day, self.span.start.date() if self.span.start else self.first_day)
        newest = max(oldest, self._newest_day())
        bounds = self._upper_bounds()
        if self.is_rare and not bounds:
            newest = oldest
        yield [f"day >= date '{newest}'", *bounds]
        if oldest < newest:
            yield [f"day >= date '{oldest}'", f"day < date '{newest}'"]

    def notices(self) -> tuple[str, ...]:
        """What is said where the span reaches back to rows that are gone."""
        start = self.span.start
        if start is None or start.date() >= self.first_day:
            return ()
        return (f"Single rows are kept from {self.first_day} (UTC) on: of what was before, only figures are left.",)

    def _newest_day(self) -> date:
        end = self.span.end - timedelta(microseconds=1) if self.span.end else self.newest
        return min(self.newest, end, self.after.at if self.after else self.newest).date()

    def _upper_bounds(self) -> list[str]:
        bounds = self.after.conditions(self.column) if self.after else []
        if self.span.end:
            bounds += [*Span(None, self.span.end).conditions(self.column), f"day <= date '{self.span.end.date()}'"]
        return bounds


def read_page(
    stretch: Stretch, read: Callable[[Sequence[str], int], list[R]], position: Callable[[R], Position], limit: int
) -> Page[R]:
    """The newest `limit` rows of a stretch; `read(conditions, limit)` gives the newest rows that satisfy conditions."""
    rows: list[R] = []
    start = stretch.span.start
    for conditions in stretch.parts():
        # One more than is shown tells whether there is another page.
        found = read(conditions, limit + 1 - len(rows))
        rows += [row for row in found if start is None or position(row).at >= start]
        if len(rows) > limit:
            break
    shown = tuple(rows[:limit])
    return Page(shown, position(shown[-1]) if len(rows) > limit else None, stretch.notices())
