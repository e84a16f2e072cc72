"""A span that narrows a list of single things: to the microsecond, and open where nothing was said.

Belongs here: from what was asked for to a span, and a span as a condition. Does not: windows of figures (window.py),
which begin and end on edges that rollups have.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from warehouse.errors import BadRequestError
from warehouse.lake.state import Boundaries
from warehouse.queries.window import Asked, in_utc, window_of


@dataclass(frozen=True)
class Span:
    """From `start` (included) to `end` (excluded), UTC; None where it is open."""

    start: datetime | None = None
    end: datetime | None = None

    def conditions(self, column: str) -> list[str]:
        """SQL conditions that a UTC timestamp lies in the span."""
        bounds = ((">=", self.start), ("<", self.end))
        return [f"{column} {sign} {moment_sql(moment)}" for sign, moment in bounds if moment]


def span_of(asked: Asked, as_of: datetime, held: Boundaries) -> Span:
    """The span that is asked for: a named range up to the moment that figures stand for, or bounds, or everything.

    Raises BadRequestError for one that ends before it begins.
    """
    if asked.range is not None:
        window = window_of(asked, as_of, held)
        return Span(window.start, window.end)
    start, end = (None if bound is None else in_utc(bound, asked.zone) for bound in (asked.start, asked.end))
    if start is not None and end is not None and start >= end:
        raise BadRequestError(f"A window ends after it begins: 'from' is {start.isoformat()}, 'to' {end.isoformat()}.")
    return Span(start, end)


def moment_sql(moment: datetime) -> str:
    """A UTC timestamp of SQL."""
    return f"timestamp '{moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=' ')}'"
