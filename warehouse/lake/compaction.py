"""Keeps the lake's files few: many small passes would leave a file a table, day and pass.

Belongs here: merging files, forgetting old lake snapshots, removing what nobody reads any more. Does not: which rows
are kept (retention.py).
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from warehouse.errors import WarehouseBusyError
from warehouse.lake.connection import Connection, files_lock, transaction
from warehouse.lake.state import read_state, write_state
from warehouse.settings import Settings

_ORPHAN_AGE = timedelta(hours=1)
"""Files of no snapshot are of passes that ended, since only the writers' lock's holder writes; but clocks differ."""


@dataclass(frozen=True)
class CompactReport:
    """Data files before and after, and files removed from storage."""

    files_before: int
    files_after: int
    removed: int


def compact_if_due(lake: Connection, settings: Settings) -> CompactReport | None:
    """Compacts when `compact_every_passes` passes were made since the last time."""
    state = read_state(lake)
    if state.passes - state.compacted_at_pass < settings.compact_every_passes:
        return None
    return compact(lake, settings)


def compact(lake: Connection, settings: Settings) -> CompactReport:
    """Merges small files, applies deletes, and removes files that were replaced longer than the grace time ago or that
    killed passes left.

    The caller holds the writers' lock. Readers go on undisturbed: what they may still read stays for the grace time.
    While a backup copies files none is removed; a later compaction does it.
    """
    started, before = time.monotonic(), file_count(lake)
    lake.execute("call ducklake_rewrite_data_files('lake', delete_threshold => 0.05)")
    lake.execute("call ducklake_merge_adjacent_files('lake')")
    now = datetime.now(UTC)
    limit = now - timedelta(seconds=settings.expire_grace_seconds)
    lake.execute(f"call ducklake_expire_snapshots('lake', older_than => timestamptz '{limit.isoformat()}')")
    try:
        with files_lock(settings, wait_seconds=0):
            removed = _remove_expired(lake, limit) + _remove_orphans(lake, now)
    except WarehouseBusyError:
        removed = 0
    with transaction(lake):
        state = read_state(lake)
        tally = state.tally.after("compact", time.monotonic() - started)
        write_state(lake, state.changed(compacted_at_pass=state.passes, tally=tally))
    return CompactReport(before, file_count(lake), removed)


def _remove_expired(lake: Connection, limit: datetime) -> int:
    """Removes files that were of no snapshot any more before `limit`; returns how many."""
    return len(
        lake.execute(
            f"call ducklake_cleanup_old_files('lake', older_than => timestamptz '{limit.isoformat()}')"
        ).fetchall()
    )


def _remove_orphans(lake: Connection, now: datetime) -> int:
    """Removes files that belong to no snapshot, left by processes that were killed; returns how many."""
    limit = now - _ORPHAN_AGE
    return len(
        lake.execute(
            f"call ducklake_delete_orphaned_files('lake', older_than => timestamptz '{limit.isoformat()}')"
        ).fetchall()
    )


def file_count(lake: Connection) -> int:
    """Data files of the present snapshot, all tables together."""
    row = lake.execute("select coalesce(sum(file_count), 0) from ducklake_table_info('lake')").fetchone()
    return int(row[0]) if row else 0
