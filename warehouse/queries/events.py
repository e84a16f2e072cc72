"""Single callbacks of the providers, newest first.

Belongs here: reading them from raw rows. Does not: their counts and latency (channels.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from warehouse.queries.newest import Page, Position, Stretch, read_page
from warehouse.queries.scope import OrganizationLake
from warehouse.queries.span import span_of
from warehouse.queries.window import Asked


@dataclass(frozen=True)
class EventFilter:
    """Which callbacks; `status` is as the provider said it, in lower case. None: all."""

    channel: str | None = None
    status: str | None = None

    def conditions(self) -> list[str]:
        """SQL conditions over bound values of the same names."""
        return [f"{name} = ${name}" for name in self.values()]

    def values(self) -> dict[str, object]:
        """What is bound."""
        return {name: value for name, value in vars(self).items() if value is not None}


@dataclass(frozen=True)
class Event:
    """One callback; `latency_ms` is 0 where it is not known, `outbound_id` None where it is of another message."""

    id: int
    channel: str
    status: str
    latency_ms: int
    received_at: datetime
    outbound_id: int | None


def read_events(
    lake: OrganizationLake, asked: Asked, wanted: EventFilter, limit: int, after: Position | None = None
) -> Page[Event]:
    """The newest callbacks. Raises BadRequestError for a span that can't be."""
    stretch = Stretch("received_at", span_of(asked, lake.as_of, lake.held), after, lake.held.raw_from, lake.as_of)

    def read(conditions: Sequence[str], most: int) -> list[Event]:
        fragments = {"wanted": " and ".join([*conditions, *wanted.conditions()]), "limit": str(most)}
        return [_event(row) for row in lake.rows("events", wanted.values(), fragments)]

    return read_page(stretch, read, lambda event: Position(event.received_at, event.id), limit)


def _event(row: Sequence[Any]) -> Event:
    id_, channel, status, latency_ms, received_at, outbound_id = row
    return Event(id_, channel, status, latency_ms, received_at.replace(tzinfo=UTC), outbound_id)
