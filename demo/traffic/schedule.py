"""What is still to come: actions and the times they are due.

Here: the queue.
Not here: the actions (senders of this package put them in).
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

Action = Callable[[datetime], None]


@dataclass(order=True)
class _Entry:
    due_at: datetime
    number: int
    action: Action = field(compare=False)


class Schedule:
    """Actions in the order of their times; of the same time, in the order they came."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._entries)

    def at(self, due_at: datetime, action: Action) -> None:
        """Puts an action in; it will be called with its own time."""
        heapq.heappush(self._entries, _Entry(due_at, next(self._numbers), action))

    def due(self, now: datetime) -> Iterator[tuple[datetime, Action]]:
        """Takes out what is due, also what is put in meanwhile."""
        while self._entries and self._entries[0].due_at <= now:
            entry = heapq.heappop(self._entries)
            yield entry.due_at, entry.action
