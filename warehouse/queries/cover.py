"""Which rollup rows make up a set of buckets: whole days and hours where nothing cuts them, 5 minutes at the edges.

Belongs here: that choice, and the SQL of it. Does not: edges (window.py, buckets.py), and what is summed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from warehouse.lake.sql import days_sql
from warehouse.lake.state import Boundaries
from warehouse.queries.window import FINEST, Window

_HOUR, _DAY = timedelta(hours=1) // FINEST, timedelta(days=1) // FINEST
_FINE, _HOURS, _DAYS = ("5m", 1), ("hour", _HOUR), ("day", _DAY)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Each layer that is read costs some milliseconds, whatever it holds: a short window is read from the finest alone.
_FROM_HOURS = timedelta(hours=48)
_FROM_DAYS = timedelta(days=14)


@dataclass(frozen=True)
class Piece:
    """Rows of one layer from `start` up to but without `end`, in 5-minute steps since 1970-01-01 00:00 UTC."""

    layer: str
    start: int
    end: int


@dataclass(frozen=True)
class Cover:
    """The pieces that hold each row of a window once, none of whose rows reaches across a bucket's edge."""

    pieces: tuple[Piece, ...]

    def sql(self, family: str) -> str:
        """SQL of the rows of `{rollup.<family>_…}` in the window, for a query of scope.OrganizationLake."""
        by_layer: dict[str, list[Piece]] = {}
        for piece in self.pieces:
            by_layer.setdefault(piece.layer, []).append(piece)
        selects = [_select(family, layer, pieces) for layer, pieces in by_layer.items()]
        return " union all by name ".join(selects) or f"select * from {{rollup.{family}_day}} where false"


def cover(window: Window, starts: Sequence[datetime], held: Boundaries) -> Cover:
    """The rows of a window that is cut at the `starts` of its buckets (UTC, on kept edges)."""
    edges = sorted({_steps(window.start), _steps(window.end), *map(_steps, starts)})
    return Cover(tuple(_joined(_pieces(edges, window.length, held))))


def _pieces(edges: Sequence[int], length: timedelta, held: Boundaries) -> Iterator[Piece]:
    hours_kept, days_only = _first_step(held.five_minute_from), _first_step(held.hour_from)
    for start, end in pairwise(edges):
        layers = [_FINE]
        if length > _FROM_HOURS or start < hours_kept:
            layers.append(_HOURS)
        if (length > _FROM_DAYS or start < days_only) and _whole(start, end, _DAY):
            # What is left at both ends is less than a day each: 5 minutes hold it for the price of one layer.
            layers = [_FINE, _DAYS] if start >= hours_kept else [_FINE, _HOURS, _DAYS]
        yield from _split(start, end, layers)


def _split(start: int, end: int, layers: Sequence[tuple[str, int]]) -> Iterator[Piece]:
    """The widest layer in the middle, the narrower ones on both sides of it."""
    *narrower, (layer, width) = layers
    whole = _whole(start, end, width)
    if whole is None:
        yield from _split(start, end, narrower)
        return
    first, last = whole
    if start < first:
        yield from _split(start, first, narrower)
    yield Piece(layer, first, last)
    if last < end:
        yield from _split(last, end, narrower)


def _whole(start: int, end: int, width: int) -> tuple[int, int] | None:
    """The part of [start, end) that whole buckets fill, or None."""
    first, last = -(-start // width) * width, end // width * width
    return (first, last) if first < last else None


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Neighbours of one layer as one piece."""
    joined: dict[str, Piece] = {}
    for piece in pieces:
        before = joined.get(piece.layer)
        if before and before.end == piece.start:
            joined[piece.layer] = Piece(piece.layer, before.start, piece.end)
            continue
        if before:
            yield before
        joined[piece.layer] = piece
    yield from joined.values()


def _select(family: str, layer: str, pieces: Sequence[Piece]) -> str:
    days = {first + timedelta(n) for first, last in map(_days, pieces) for n in range((last - first).days + 1)}
    # Files are kept by day: those between the pieces are not opened.
    is_unbroken = (max(days) - min(days)).days + 1 == len(days)
    within = f"day >= date '{min(days)}' and day <= date '{max(days)}'" if is_unbroken else f"day in ({days_sql(days)})"
    inner = " or ".join(
        f"bucket_at >= {_literal(piece.start)} and bucket_at < {_literal(piece.end)}" for piece in pieces
    )
    return f"select * from {{rollup.{family}_{layer}}} where {within} and ({inner})"


def _days(piece: Piece) -> tuple[date, date]:
    return _moment(piece.start).date(), _moment(piece.end - 1).date()


def _steps(moment: datetime) -> int:
    return (moment - _EPOCH) // FINEST


def _first_step(day: date) -> int:
    return (day - _EPOCH.date()).days * _DAY


def _moment(steps: int) -> datetime:
    return _EPOCH + steps * FINEST


def _literal(steps: int) -> str:
    return f"timestamp '{_moment(steps):%Y-%m-%d %H:%M}'"
