"""Passes one after the other by one process, which costs less than a process for each.

Belongs here: when the next pass is due, when it is time to end, and the sum of what the passes did. Does not: a pass
(refresh.py), who starts such a process and asks it to end (pipelines/).
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta

import psycopg

from warehouse.errors import SourceUnavailableError
from warehouse.lake import locks
from warehouse.lake.connection import connect_warehouse, try_lock
from warehouse.refresh import RefreshReport, refresh
from warehouse.rollups.roll_up import merged_reports
from warehouse.settings import Settings
from warehouse.source.extract import ExtractReport, Progress, no_progress
from warehouse.source.merge import TableReport
from warehouse.status import moved_since

WATCH = timedelta(minutes=30)
"""How long one process goes on at most."""

QUIET_PASS_EVERY = timedelta(minutes=10)
"""A source in which nothing happens is read all the same now and then, so that `as_of` goes on."""

_LOOK_SECONDS = 2.0
_ASKED = "select exists (select from directory.refresh_request where asked_at > now() - make_interval(secs => %s))"


@dataclass(frozen=True)
class Pass:
    """What a pass did, and how long it took."""

    report: RefreshReport
    seconds: float


def passes(
    settings: Settings, most: int, *, gives_way: Callable[[], bool], progress: Progress = no_progress
) -> Iterator[Pass]:
    """Makes a pass, and another whenever one is due: at most so many, and none that is due when `gives_way` says so.

    A pass is due as soon as something was written, `refresh_seconds` after the last one began at the earliest; ten
    minutes after it where nothing was; and at once when somebody asked the API for one. Ends early when the source
    can't be asked. Raises what `refresh` raises.
    """
    with connect_warehouse(settings, autocommit=True) as warehouse:
        # Shared, so that nobody waits for it; it ends with the process and shows that this one lives.
        warehouse.execute("select pg_advisory_lock_shared(%s)", (locks.PASSES,))
        end = time.monotonic() + WATCH.total_seconds()
        for number in range(1, most + 1):
            due = _Due(settings, warehouse)
            report = refresh(settings, progress=progress)
            yield Pass(report, due.seconds)
            try:
                if number == most or not _await(due, report, lambda: time.monotonic() >= end or gives_way()):
                    return
            except SourceUnavailableError as error:
                progress(str(error))
                return


@contextmanager
def unwatched(settings: Settings) -> Iterator[bool]:
    """Whether no process is within `passes`; none begins or ends there unseen for as long as the block lasts."""
    with connect_warehouse(settings, autocommit=True) as warehouse:
        yield try_lock(warehouse, locks.PASSES)


def summed(reports: Sequence[RefreshReport]) -> RefreshReport:
    """What several passes, the oldest first, did together: rows, days and seconds of all, the last one's snapshot."""
    last = reports[-1]
    extract = replace(
        last.extract,
        is_first_load=any(report.extract.is_first_load for report in reports),
        is_sweep=any(report.extract.is_sweep for report in reports),
        tables=_tables([report.extract for report in reports]),
        old_days=tuple(sorted({day for report in reports for day in report.extract.old_days})),
        seconds=sum(report.extract.seconds for report in reports),
    )
    rollup = replace(merged_reports(report.rollup for report in reports), trouble=last.rollup.trouble)
    return RefreshReport(extract, rollup, last.compaction)


class _Due:
    """Whether the next pass is due, counted from the moment this is made: the beginning of a pass."""

    def __init__(self, settings: Settings, warehouse: psycopg.Connection) -> None:
        self._settings = settings
        self._warehouse = warehouse
        self._began = time.monotonic()
        self._look_at = self._began + settings.refresh_seconds

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._began

    @property
    def seconds_to_look(self) -> float:
        """Until the source is looked at again; 0 or less: now."""
        return self._look_at - time.monotonic()

    def is_now(self, last: RefreshReport) -> bool:
        """Looks whether anything happened since the last pass. Raises SourceUnavailableError."""
        row = self._warehouse.execute(_ASKED, (self.seconds,)).fetchone()
        if row and row[0]:
            return True
        if self.seconds_to_look > 0:
            return False
        self._look_at = time.monotonic() + min(_LOOK_SECONDS, self._settings.refresh_seconds)
        has_more = bool(last.rollup.trouble) or moved_since(self._settings, last.extract.source_snapshot)
        return has_more or self.seconds >= QUIET_PASS_EVERY.total_seconds()


def _await(due: _Due, last: RefreshReport, is_over: Callable[[], bool]) -> bool:
    """Waits until a pass is due; False when it is over before."""
    while not is_over():
        if due.is_now(last):
            return True
        time.sleep(max(0.0, min(_LOOK_SECONDS, due.seconds_to_look)))
    return False


def _tables(reports: Sequence[ExtractReport]) -> tuple[TableReport, ...]:
    by_name: dict[str, TableReport] = {}
    for table in (table for report in reports for table in report.tables):
        other = by_name.get(table.raw, TableReport(table.raw))
        by_name[table.raw] = TableReport(
            table.raw,
            other.read + table.read,
            other.changed + table.changed,
            other.deleted + table.deleted,
            other.set_aside + table.set_aside,
            _days(other, table),
        )
    return tuple(by_name.values())


def _days(one: TableReport, other: TableReport) -> dict[date, int]:
    return {day: one.days.get(day, 0) + other.days.get(day, 0) for day in sorted({*one.days, *other.days})}
