"""Answers that were computed, kept for as long as the data they were computed from is the latest.

Belongs here: keeping them, and computing each once however many ask at the same time. Does not: what an answer is
(answers.py). An answer is a pure function of its key, and the key holds the data's version: nothing is ever stale.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from warehouse.lake.versions import Version

CacheState = Literal["hit", "miss", "refresh"]

MOST_BYTES = 64 * 1024 * 1024
"""What one process keeps; the answer that was not asked for the longest goes first."""


@dataclass(frozen=True)
class Key:
    """What was asked for, by whose organization, and the version of the data that it is asked of."""

    endpoint: str
    organization_id: int
    asked: str
    version: Version


@dataclass(frozen=True)
class Computed:
    """An answer's body as it is sent, and what it was computed from; `as_of` is UTC."""

    body: bytes
    media_type: str
    version: Version
    as_of: datetime
    headers: tuple[tuple[str, str], ...] = ()
    stored_at: float = field(default=0.0, compare=False)


class AnswerCache:
    """The answers of one process. With `ttl_seconds` 0 nothing is kept."""

    def __init__(self, ttl_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._ttl_seconds = ttl_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._answers: OrderedDict[Key, Computed] = OrderedDict()
        self._flights: dict[Key, Future[Computed]] = {}
        self._bytes = 0

    def get(self, key: Key, compute: Callable[[], Computed], *, anew: bool = False) -> tuple[Computed, CacheState]:
        """The answer, and where it is from. `anew` computes it although it is there. Raises what `compute` raises."""
        if anew:
            return self.keep(key, compute()), "refresh"
        with self._lock:
            found = self._fresh(key)
            if found:
                return found, "hit"
            flight = self._flights.get(key)
            if flight is None:
                mine = self._flights[key] = Future()
        if flight is not None:
            return flight.result(), "hit"
        return self._fly(key, mine, compute), "miss"

    def keep(self, key: Key, computed: Computed) -> Computed:
        """Keeps an answer under the version it was computed from, which may be newer than the one asked of."""
        if self._ttl_seconds <= 0:
            return computed
        key, computed = replace(key, version=computed.version), replace(computed, stored_at=self._clock())
        with self._lock:
            self._drop(key)
            self._answers[key] = computed
            self._bytes += len(computed.body)
            while self._bytes > MOST_BYTES:
                self._drop(next(iter(self._answers)))
        return computed

    def _fly(self, key: Key, flight: Future[Computed], compute: Callable[[], Computed]) -> Computed:
        """Computes for all who wait for the same."""
        try:
            computed = self.keep(key, compute())
        except BaseException as error:
            flight.set_exception(error)
            raise
        else:
            flight.set_result(computed)
            return computed
        finally:
            with self._lock:
                self._flights.pop(key, None)

    def _fresh(self, key: Key) -> Computed | None:
        found = self._answers.get(key)
        if found is None:
            return None
        if self._clock() - found.stored_at >= self._ttl_seconds:
            self._drop(key)
            return None
        self._answers.move_to_end(key)
        return found

    def _drop(self, key: Key) -> None:
        dropped = self._answers.pop(key, None)
        if dropped:
            self._bytes -= len(dropped.body)
