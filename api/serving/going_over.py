"""From which snapshot the API answers, and going over to a new one while nobody waits for it.

Belongs here: noticing a new snapshot, computing anew what is being asked for, how long that may take. Does not: the
snapshots (warehouse/queries/lakes.py), the answers (cache.py).
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from api.serving.cache import AnswerCache, Computed, Key
from warehouse.errors import CorbiError
from warehouse.lake.connections import WarehouseConnections
from warehouse.lake.versions import latest_snapshot, latest_version
from warehouse.queries.lakes import LakeOf, OrganizationLakes
from warehouse.queries.scope import Organization, OrganizationLake

ASKED_WITHIN_SECONDS = 180.0
"""What was asked for in this time is computed anew before the process goes over."""
MOST_ANSWERS = 500
MOST_COMPUTING_SECONDS = 3.0
_LOOK_SECONDS = 0.5
_UNASKED_SECONDS = 600.0
"""After so long without a request the process stops looking; the next request looks itself."""

Compute = Callable[[OrganizationLake, int], Computed]
"""Computes an answer from a lake and the version of the organization's alerts."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Asked:
    """How often an answer was asked for lately, and when last."""

    compute: Compute
    times: int
    at: float


class GoingOver:
    """One process's way from snapshot to snapshot. With `most_seconds` 0 whoever asks first goes over itself."""

    def __init__(
        self, lakes: OrganizationLakes, connections: WarehouseConnections, cache: AnswerCache, most_seconds: float
    ) -> None:
        self._lakes = lakes
        self._connections = connections
        self._cache = cache
        self._most_seconds = most_seconds
        self._lock = threading.Lock()
        self._asked: OrderedDict[tuple[str, int, str], _Asked] = OrderedDict()
        self._asked_at = 0.0
        self._newer_since: float | None = None
        self._thread: threading.Thread | None = None
        self._is_newer, self._is_over = threading.Event(), threading.Event()

    def begin(self) -> None:
        """Gets ready before anybody asks, in the process that will answer."""
        self._asked_at = time.monotonic()
        self._is_looked_after()

    def snapshot(self, latest: int, *, at_once: bool = False) -> int:
        """The snapshot to answer from, while `latest` is the lake's. With `at_once` it is not an earlier one.

        Raises WarehouseUnavailableError.
        """
        self._asked_at = time.monotonic()
        is_looked_after = self._is_looked_after()
        if self._lakes.snapshot == latest:
            self._newer_since = None
        elif at_once or not is_looked_after or self._lakes.snapshot is None or self._is_late():
            self._lakes.go_over()
        else:
            self._is_newer.set()
        return self._lakes.snapshot or latest

    def asked(self, key: Key, compute: Compute) -> None:
        """Notes that an answer was asked for, and how it is computed anew."""
        if not self._most_seconds:
            return
        name = (key.endpoint, key.organization_id, key.asked)
        with self._lock:
            before = self._asked.pop(name, None)
            self._asked[name] = _Asked(compute, before.times + 1 if before else 1, time.monotonic())
            if len(self._asked) > MOST_ANSWERS:
                self._asked.popitem(last=False)

    def close(self) -> None:
        """Ends looking for new snapshots, once what is under way is done."""
        self._is_over.set()
        self._is_newer.set()
        if self._thread:
            self._thread.join(2 * MOST_COMPUTING_SECONDS)

    def _is_looked_after(self) -> bool:
        """Whether the thread that goes over was there; it is from now on."""
        if not self._most_seconds:
            return False
        with self._lock:
            if self._thread and self._thread.is_alive():
                return True
            self._thread = threading.Thread(target=self._look, name="going-over", daemon=True)
            self._thread.start()
            return False

    def _is_late(self) -> bool:
        """Whether a newer snapshot has been there for longer than may be."""
        now = time.monotonic()
        self._newer_since = self._newer_since or now
        return now - self._newer_since > self._most_seconds

    def _look(self) -> None:
        while not self._is_over.is_set() and time.monotonic() - self._asked_at < _UNASKED_SECONDS:
            try:
                if latest_snapshot(self._connections) != self._lakes.snapshot:
                    self._lakes.go_over(self._compute_anew)
            except CorbiError as error:
                # Whoever asks is told.
                logger.debug("A new snapshot can't be gone over to: %s", error)
            except Exception:
                logger.exception("Answers can't be computed anew: whoever asks waits for them.")
            self._is_newer.wait(_LOOK_SECONDS)
            self._is_newer.clear()

    def _compute_anew(self, lake_of: LakeOf) -> None:
        """Computes what is being asked for, the most asked first."""
        started = time.monotonic()
        for (endpoint, organization_id, asked), one in self._most_asked(started):
            if time.monotonic() - started > MOST_COMPUTING_SECONDS:
                break
            organization = Organization(organization_id)
            version = latest_version(self._connections, organization_id)
            try:
                computed = one.compute(lake_of(organization), version.alerts)
            except CorbiError:
                # What was asked for can't be answered any more, which whoever asks again is told.
                continue
            self._cache.keep(Key(endpoint, organization_id, asked, computed.version), computed)

    def _most_asked(self, now: float) -> list[tuple[tuple[str, int, str], _Asked]]:
        """What was asked for lately, the most asked first; what was asked before counts half from now on."""
        with self._lock:
            lately = {name: one for name, one in self._asked.items() if now - one.at < ASKED_WITHIN_SECONDS}
            self._asked = OrderedDict((name, replace(one, times=one.times // 2)) for name, one in lately.items())
        return sorted(lately.items(), key=lambda item: -item[1].times)
