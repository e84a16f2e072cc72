"""Mends damaged files of the lake: what they held is copied back, read or computed anew, and what is lost is named.

Belongs here: which rows that are, the order of the steps. Does not: finding damage (lake/files.py), how rows are read
(source/) and rolled up (rollups/).
"""

from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date, timedelta

from warehouse.errors import WarehouseUnavailableError
from warehouse.lake.connection import Connection, source_attached
from warehouse.lake.damage import Damage, forget_damaged, note_damage, noted_damage, settle_damage
from warehouse.lake.files import find_damage, restore_copy
from warehouse.lake.hours import hours_of
from warehouse.lake.sql import days_sql
from warehouse.lake.state import Boundaries, Pending, read_state, write_state
from warehouse.refresh import reading_source, roll_up_pending, writing_lake
from warehouse.rollups.reasons import classify_new_templates
from warehouse.settings import Settings
from warehouse.source.extract import Progress, no_progress
from warehouse.source.reading import Request
from warehouse.source.tables import BY_RAW
from warehouse.source.touched import subjects_in
from warehouse.source.unsubscribes import attribute_again

STATE = "meta.state"


@dataclass(frozen=True)
class RepairReport:
    """The files that were written anew from a copy, those whose rows were read or computed anew, and what is lost.

    `trouble` says what could not be rolled up: these files count as damaged until a repair has done it.
    """

    copied: tuple[Damage, ...] = ()
    recomputed: tuple[Damage, ...] = ()
    lost: tuple[str, ...] = ()
    trouble: str = ""


def repair(settings: Settings, progress: Progress = no_progress) -> RepairReport:
    """Mends every damaged file, within a pass that reads all else that changed too.

    1. Files of which there is a copy are written anew from it.
    2. The lake forgets the others, in one transaction with the note of what they held: who is killed goes on from it.
    3. A pass reads their days anew; what was in rollups alone is computed anew from these.

    Figures of rows in forgotten files are missing until the pass has ended. Raises WarehouseUnavailableError where
    nothing but a reload helps, and what `refresh` raises.
    """
    with writing_lake(settings) as lake:
        note_damage(settings, find_damage(lake, settings, deep=True))
        damaged = noted_damage(settings)
        progress(f"{len(damaged):,} damaged files")
        copied = tuple(one for one in damaged if not one.is_forgotten and restore_copy(lake, settings, one.path))
        gone = tuple(one for one in damaged if one not in copied)
        if not gone:
            settle_damage(settings)
            return RepairReport(copied)
        if any(one.table == STATE for one in gone):
            raise WarehouseUnavailableError(
                "The lake's record of how far it has come is damaged and there is no copy of it: run `corbi-monitoring "
                "refresh --reload`, which loads everything anew."
            )
        held = read_state(lake).boundaries
        with source_attached(lake, settings):
            # Nothing is forgotten while the source can't be asked.
            forget_damaged(settings, gone)
        lost, trouble = _fill_again(lake, settings, gone, held, progress)
        if not trouble:
            settle_damage(settings)
    return RepairReport(copied, gone, lost, trouble)


def days_of(damaged: Collection[Damage], held: Boundaries) -> frozenset[date]:
    """The UTC days that damaged files held rows of and that are kept. Pure."""
    return frozenset(
        day
        for one in damaged
        if one.first_day and one.last_day
        for number in range((one.last_day - one.first_day).days + 1)
        if (day := one.first_day + timedelta(days=number)) >= held.day_from
    )


def _fill_again(
    lake: Connection, settings: Settings, gone: Collection[Damage], held: Boundaries, progress: Progress
) -> tuple[tuple[str, ...], str]:
    """Reads and computes anew what the lake has forgotten; returns what is lost, and what could not be rolled up."""
    days, tables = days_of(gone, held), {one.table for one in gone}
    old = {day for day in days if day < held.raw_from}
    # A sweep counts the rows of old days once more, and so says which the source no longer has.
    request = Request(compare_ids=True, sweep=bool(old) or "meta.old_day" in tables, days=days)
    counted = _counted(lake, old)
    with reading_source(lake, settings, request, progress):
        lost = (*_lost_sums(tables, held), *_lost_rows(counted, _counted(lake, old)))
        if "rollup.unsubscribe" in tables:
            attribute_again(lake, settings.source_schema)
        if "rollup.failure_reason" in tables:
            classify_new_templates(lake)
        state = read_state(lake)
        write_state(lake, state.changed(pending=state.pending.merged(_to_compute(lake, days))))
    return lost, roll_up_pending(lake).trouble


def _to_compute(lake: Connection, days: Set[date]) -> Pending:
    """What the pass doesn't compute of its own: contacts of all days, and subjects of days kept raw for longer."""
    return subjects_in(lake, days).merged(Pending(contact_hours=hours_of(days), totals=True))


def _counted(lake: Connection, days: Set[date]) -> dict[tuple[date, str], int]:
    """How many rows days older than the raw window had in the source when they were last counted."""
    rows = lake.execute(
        f"select day, raw, source_rows from lake.meta.old_day where day in ({days_sql(days)})"
    ).fetchall()
    return {(day, raw): int(count) for day, raw, count in rows}


def _lost_sums(tables: Set[str], held: Boundaries) -> Iterator[str]:
    for table in sorted(tables):
        if table.endswith("_lifetime"):
            yield (
                f"{table}: rows with the sums of days before {held.day_from}. `corbi-monitoring refresh --reload` "
                "counts them from what the operational database still has."
            )


def _lost_rows(before: Mapping[tuple[date, str], int], now: Mapping[tuple[date, str], int]) -> Iterator[str]:
    for (day, raw), count in sorted(before.items()):
        left = now.get((day, raw), 0)
        if left < count:
            yield (
                f"{day}: {count - left:,} of {count:,} rows of {BY_RAW[raw].name}, which the operational database "
                "has no more: the day's figures are of what it has."
            )
