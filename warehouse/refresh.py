"""One pass: read what changed, merge it, roll up what it touched, keep the lake tidy.

Belongs here: the order of the steps, and which of them share a lake transaction. Does not: the steps themselves
(source/, rollups/, lake/), and what a report looks like to a person (cli/, pipelines/).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import duckdb

from warehouse.directory.members import read_directory, write_directory
from warehouse.errors import LakeDamagedError, TooLittleMemoryError
from warehouse.failure_reasons import rules_version
from warehouse.lake.compaction import CompactReport, compact_if_due
from warehouse.lake.connection import Connection, open_lake, source_attached, transaction, writer_lock
from warehouse.lake.damage import MEND, told
from warehouse.lake.files import look_for_damage, record_files
from warehouse.lake.migrations import bring_up_to_date
from warehouse.lake.state import Pending, find_state, read_state, write_state
from warehouse.lake.tally import Rows
from warehouse.lake.trouble import lake_trouble
from warehouse.rollups.old_days import add_to_lifetime, roll_up_old_days
from warehouse.rollups.parts import roll_up_in_parts
from warehouse.rollups.reasons import reclassify_all
from warehouse.rollups.roll_up import RollupReport, merged_reports, roll_up
from warehouse.settings import Settings
from warehouse.source.extract import ExtractReport, Progress, extract, no_progress
from warehouse.source.old_rows import count_late
from warehouse.source.reading import ORDINARY, Request


@dataclass(frozen=True)
class RefreshReport:
    """What one pass read, merged, recomputed and tidied up."""

    extract: ExtractReport
    rollup: RollupReport
    compaction: CompactReport | None


def refresh(settings: Settings, request: Request = ORDINARY, progress: Progress = no_progress) -> RefreshReport:
    """One whole pass; the first one loads everything.

    Raises SourceUnavailableError, SourceContractBrokenError or SourceResetError when the source can't be read, and
    WarehouseBusyError when another pass holds the lake; nothing is half written, and the next pass goes on.
    """
    with writing_lake(settings) as lake:
        extracted = extract_into(lake, settings, request, progress)
        rolled_up = roll_up_pending(lake)
        return RefreshReport(extracted, rolled_up, compact_if_due(lake, settings))


@contextmanager
def writing_lake(settings: Settings) -> Iterator[Connection]:
    """A lake connection under the lock that every writing pass holds; what is written is recorded at the end.

    Raises WarehouseBusyError, WarehouseUnavailableError, and LakeDamagedError when the block fails while files of the
    lake are damaged; alerts tell of these then.
    """
    with writer_lock(settings), open_lake(settings) as lake:
        try:
            yield lake
        except (duckdb.Error, LakeDamagedError) as error:
            # Not every error names the file it came from.
            if found := look_for_damage(settings):
                raise LakeDamagedError(f"{told(found)}: {MEND}.") from error
            if trouble := lake_trouble(error):
                raise trouble from error
            raise
        record_files(lake, settings)


def extract_into(
    lake: Connection, settings: Settings, request: Request = ORDINARY, progress: Progress = no_progress
) -> ExtractReport:
    """Brings the raw tables (and days older than these) to the source's present state, in one lake transaction."""
    with reading_source(lake, settings, request, progress) as report:
        return report


@contextmanager
def reading_source(
    lake: Connection,
    settings: Settings,
    request: Request = ORDINARY,
    progress: Progress = no_progress,
    *,
    anew: bool = False,
) -> Iterator[ExtractReport]:
    """What `extract_into` does; the block then works in the same lake transaction and the same snapshot of the source.

    With `anew` the lake is emptied first, in that transaction too.

    Every pass goes through here, so that none moves figures on and leaves the directory behind: it is copied from that
    snapshot too, once the lake's transaction has ended well.
    """
    with source_attached(lake, settings), transaction(lake):
        if anew:
            empty_lake(lake)
        report = read_within(lake, settings, request, progress)
        people = read_directory(lake, settings.source_schema)
        yield report
    write_directory(settings, people, report.as_of)


def read_within(
    lake: Connection, settings: Settings, request: Request, progress: Progress = no_progress
) -> ExtractReport:
    """One more extraction in the snapshot of the source that the caller's lake transaction sees."""
    started = time.monotonic()
    bring_up_to_date(lake)
    state = find_state(lake)
    new_state, report = extract(lake, settings, state, request, progress)
    old_days = set(report.old_days)
    if old_days:
        roll_up_old_days(lake, old_days, new_state.boundaries)
        if count_late(lake):
            add_to_lifetime(lake)
    rows = {one.raw: Rows(read=one.read, changed=one.changed, deleted=one.deleted) for one in report.tables}
    new_state = new_state.changed(tally=new_state.tally.after("read", time.monotonic() - started, rows))
    nothing_waits = new_state.pending.is_empty() and new_state.rules_version == rules_version()
    write_state(lake, new_state.rolled_up() if nothing_waits else new_state)
    return report


def roll_up_pending(lake: Connection) -> RollupReport:
    """Recomputes the rollups of all that was merged and not yet rolled up, in one lake transaction.

    Where that fails, what can be rolled up is, part by part; the rest stays pending and the report says why.
    Raises WarehouseEmptyError when nothing has been loaded yet.
    """
    try:
        with transaction(lake):
            return roll_up_within(lake)
    except (duckdb.Error, LakeDamagedError, TooLittleMemoryError):
        return _roll_up_in_parts(lake)


def roll_up_within(lake: Connection) -> RollupReport:
    """What `roll_up_pending` does when all goes well, within a lake transaction of the caller's."""
    started, state = time.monotonic(), read_state(lake)
    if state == state.rolled_up() and state.rules_version == rules_version():
        return RollupReport()
    report = roll_up(lake, state.pending, state.boundaries)
    if state.rules_version != rules_version():
        report = replace(report, new_templates=reclassify_all(lake))
    tally = state.tally.after("roll_up", time.monotonic() - started)
    write_state(lake, state.rolled_up().changed(rules_version=rules_version(), tally=tally))
    return report


def _roll_up_in_parts(lake: Connection) -> RollupReport:
    reports: list[RollupReport] = []

    def do(part: Pending) -> None:
        with transaction(lake):
            reports.append(roll_up(lake, part, read_state(lake).boundaries))

    failed = roll_up_in_parts(read_state(lake).pending, do)
    if failed is None:
        # Every part went well: what failed before was the whole, and is to be tried as a whole again.
        with transaction(lake):
            return roll_up_within(lake)
    with transaction(lake):
        write_state(lake, read_state(lake).changed(pending=failed.left, rollup_trouble=str(failed)))
    return replace(merged_reports(reports), trouble=str(failed))


def empty_lake(lake: Connection) -> None:
    """Drops all that was loaded, within the caller's lake transaction."""
    for schema in ("meta", "rollup", "raw"):
        lake.execute(f"drop schema if exists lake.{schema} cascade")
