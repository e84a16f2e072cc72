"""The lake of a process that answers, opened when it is first used; what it gives out is always one organization's.

Belongs here: of which snapshot it answers, and going over to the latest. Does not: when to (api/serving/going_over.py),
what is read (scope.py and the queries), what is in memory of it (lake/held.py).
"""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache

from warehouse.errors import WarehouseEmptyError
from warehouse.lake.connection import Connection, LakeReaders
from warehouse.lake.connections import WarehouseConnections
from warehouse.lake.held import Held, TableNotHeldError, find_held, hold, make_room, read_content
from warehouse.lake.state import PipelineState, find_state, state_of
from warehouse.lake.versions import latest_snapshot
from warehouse.queries.scope import Organization, OrganizationLake
from warehouse.settings import Settings
from warehouse.status import Status, status_of

_NAMED = ("raw.campaign", "raw.email_job")
"""Raw tables that overviews read: they have a row a campaign, a job."""

logger = logging.getLogger(__name__)

LakeOf = Callable[[Organization], OrganizationLake]


class OrganizationLakes:
    """The lake of a process, of which it holds in memory what overviews read."""

    def __init__(self, settings: Settings, connections: WarehouseConnections | None = None) -> None:
        # Each read is small, and many are made at the same time: sharing one among threads costs more than it gains.
        self._readers = LakeReaders(settings.model_copy(update={"duckdb_threads": 1}), make_room)
        self._connections = connections or WarehouseConnections(settings)
        self._most_bytes = settings.held_megabytes * 1_000_000
        self._lock = threading.Lock()
        self._snapshot: int | None = None

    @property
    def snapshot(self) -> int | None:
        """The snapshot that `as_held` gives, None before there is one."""
        return self._snapshot

    def close(self) -> None:
        """Closes the lake and idle connections; the next use opens them again."""
        self._readers.close()
        self._connections.close()
        self._snapshot = None

    @contextmanager
    def of(self, organization: Organization) -> Iterator[OrganizationLake]:
        """All that is read in the block is of one organization and one lake snapshot: the latest.

        Raises WarehouseEmptyError before the first load has been rolled up, WarehouseUnavailableError.
        """
        self.go_over()
        with self.as_held(organization) as lake:
            yield lake

    @contextmanager
    def as_held(self, organization: Organization) -> Iterator[OrganizationLake]:
        """The same, of the snapshot to which this process has gone over. Raises as `of` does."""
        with self._readers.reader() as lake:
            held = find_held(lake)
            if held:
                yield _scoped(lake, held, organization)
                return
        # It was opened only now, or again.
        with self.of(organization) as found:
            yield found

    def go_over(self, first: Callable[[LakeOf], None] | None = None) -> None:
        """Goes over to the latest snapshot if that is another: until it is there whole, readers see the one before.

        What is to be done `first` reads the new one already. Raises as `of` does; then everything stays as it was.
        """
        with self._lock:
            unreadable: set[str] = set()
            while not self._went_over(unreadable, first):
                # What reads these tables fails, or does not, on its own.
                logger.warning("Not held in memory, since they can't be read: %s", ", ".join(sorted(unreadable)))

    def as_of(self) -> datetime:
        """The moment that the latest figures stand for (UTC). Raises as `of` does."""
        with self._readers.reader() as lake:
            return _rolled_up(find_state(lake))[1]

    def status(self) -> Status:
        """How far the warehouse has come. Raises as `of` does."""
        with self._readers.reader() as lake:
            return status_of(lake)

    def _went_over(self, unreadable: set[str], first: Callable[[LakeOf], None] | None) -> bool:
        """Tries to, and adds to `unreadable` where that is why it can't."""
        try:
            with self._readers.reader() as lake:
                held = find_held(lake)
                if not held or held.snapshot != latest_snapshot(self._connections):
                    content = read_content(self._connections, _NAMED)
                    hold(lake, content, self._most_bytes, but=unreadable)
                    held = find_held(lake)
                    if held and first:
                        first(lambda organization: _scoped(lake, held, organization))
        except TableNotHeldError as error:
            unreadable.add(error.table)
            return False
        self._snapshot = held.snapshot if held else None
        return True


def _scoped(lake: Connection, held: Held, organization: Organization) -> OrganizationLake:
    state, as_of = _rolled_up(_state(held.state))
    return OrganizationLake(organization, held.snapshot, as_of, state.boundaries, held.tables, lake)


@lru_cache(maxsize=4)
def _state(text: str) -> PipelineState | None:
    return state_of(json.loads(text))


def _rolled_up(state: PipelineState | None) -> tuple[PipelineState, datetime]:
    if state is None:
        raise WarehouseEmptyError(
            "Nothing has been loaded yet: run `corbi-monitoring refresh`, or wait for the first pass."
        )
    if state.rolled_up_as_of is None:
        raise WarehouseEmptyError("The first load is not rolled up yet: wait for the pass to end.")
    return state, state.rolled_up_as_of
