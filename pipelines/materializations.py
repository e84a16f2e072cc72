"""What a pass did, as Dagster's events: which day of which asset was written, with the numbers a person wants to see.

Belongs here: from the warehouse's reports to materializations, purely. Does not: the passes, and logging the events.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import product

import dagster as dg

from pipelines.assets.raw import DIRECTORY_KEY, raw_key
from pipelines.assets.rollups import rollup_key
from warehouse.refresh import RefreshReport
from warehouse.rollups.families import CHANNEL, FAILURE, ORGANIZATION, SUBJECTS
from warehouse.rollups.roll_up import RollupReport
from warehouse.settings import Settings
from warehouse.source.extract import ExtractReport
from warehouse.source.merge import TableReport
from warehouse.watch import Pass, summed

Metadata = Mapping[str, dg.MetadataValue]

_ROLLED_UP_WHEN_OLD = (CHANNEL, FAILURE, ORGANIZATION)
_ATTRIBUTES_UNSUBSCRIBES = frozenset({"contact", "campaign_recipient", "suppression", "campaign"})


def passes_metadata(made: Sequence[Pass], now: datetime) -> Metadata:
    """The passes of a run together, and each of them as a line of a table."""
    report = summed([one.report for one in made])
    rows = (
        f"| {one.report.extract.as_of:%H:%M:%S} | {one.report.extract.changed:,} | {one.report.rollup.hours} "
        f"| {one.seconds:.1f} |"
        for one in made
    )
    table = "\n".join(["| snapshot (UTC) | rows changed | hours | seconds |", "| --- | --: | --: | --: |", *rows])
    return {
        **rollup_metadata(report.rollup, report.extract.as_of, now),
        **extract_metadata(report.extract, now),
        "seconds": dg.MetadataValue.float(round(sum(one.seconds for one in made), 3)),
        "passes": dg.MetadataValue.int(len(made)),
        "each_pass": dg.MetadataValue.md(table),
    }


def extract_metadata(report: ExtractReport, now: datetime) -> Metadata:
    """An extraction as a whole: rows, the snapshot it read, how old that snapshot is at `now`."""
    return {
        "as_of": dg.MetadataValue.timestamp(report.as_of),
        "lag_seconds": dg.MetadataValue.float(round((now - report.as_of).total_seconds(), 1)),
        "rows_read": dg.MetadataValue.int(sum(table.read for table in report.tables)),
        "rows_changed": dg.MetadataValue.int(sum(table.changed for table in report.tables)),
        "rows_deleted": dg.MetadataValue.int(sum(table.deleted for table in report.tables)),
        "watermark": dg.MetadataValue.int(report.watermark),
        "rows_set_aside": dg.MetadataValue.int(report.set_aside),
        **({"first_row_set_aside": dg.MetadataValue.text(report.first_set_aside)} if report.set_aside else {}),
        "seconds": dg.MetadataValue.float(round(report.seconds, 3)),
    }


def rollup_metadata(report: RollupReport, as_of: datetime, now: datetime) -> Metadata:
    """A roll-up as a whole: what it recomputed, the snapshot its figures stand for, how old that is at `now`."""
    return {
        "as_of": dg.MetadataValue.timestamp(as_of),
        "lag_seconds": dg.MetadataValue.float(round((now - as_of).total_seconds(), 1)),
        "hours_touched": dg.MetadataValue.int(report.hours),
        "days_touched": dg.MetadataValue.int(len(report.days)),
        "campaigns_touched": dg.MetadataValue.int(report.campaigns),
        "email_jobs_touched": dg.MetadataValue.int(report.email_jobs),
        "new_error_texts": dg.MetadataValue.int(report.new_templates),
        **({"trouble": dg.MetadataValue.text(report.trouble)} if report.trouble else {}),
    }


def refresh_materializations(report: RefreshReport, settings: Settings) -> Iterator[dg.AssetMaterialization]:
    """The events of a whole pass."""
    yield from raw_materializations(report.extract)
    yield from extracted_rollup_materializations(report.extract, settings)
    yield from rollup_materializations(report.rollup, report.extract.as_of)


def held_materializations(
    days_by_table: Mapping[str, Sequence[date]], as_of: datetime
) -> Iterator[dg.AssetMaterialization]:
    """One event for each raw table and rollup and each day of it that the lake holds, whoever wrote it there."""
    metadata = {"as_of": dg.MetadataValue.timestamp(as_of), "found_in_lake": dg.MetadataValue.bool(True)}
    for name, days in days_by_table.items():
        layer, table = name.split(".")
        if not table.endswith("_lifetime"):
            for day in (str(day) for day in days) if days else (None,):
                yield dg.AssetMaterialization([layer, table], partition=day, metadata=metadata)


def raw_materializations(report: ExtractReport) -> Iterator[dg.AssetMaterialization]:
    """One event for each raw table and day whose rows changed, and one for the directory, which every pass copies."""
    yield dg.AssetMaterialization(DIRECTORY_KEY, metadata={"as_of": dg.MetadataValue.timestamp(report.as_of)})
    for table in report.tables:
        if table.changed or table.deleted:
            yield from _table_materializations(table, report)


def extracted_rollup_materializations(report: ExtractReport, settings: Settings) -> Iterator[dg.AssetMaterialization]:
    """One event for each rollup and day that the extraction itself wrote: old days, and unsubscribes."""
    metadata = {"as_of": dg.MetadataValue.timestamp(report.as_of)}
    five_minute = [f"{family.name}_5m" for family in _ROLLED_UP_WHEN_OLD]
    hourly = [f"{family.name}_hour" for family in _ROLLED_UP_WHEN_OLD]
    daily = [f"{family.name}_day" for family in (*_ROLLED_UP_WHEN_OLD, *SUBJECTS)]
    for tables, kept_days in (
        (five_minute, settings.five_minute_days),
        (hourly, settings.hourly_days),
        (daily, settings.daily_days),
    ):
        first = report.as_of.date() - timedelta(days=kept_days)
        for table, day in product(tables, (day for day in report.old_days if day >= first)):
            yield dg.AssetMaterialization(rollup_key(table), partition=str(day), metadata=metadata)
    changed = {table.raw for table in report.tables if table.changed or table.deleted}
    if changed & _ATTRIBUTES_UNSUBSCRIBES:
        yield dg.AssetMaterialization(rollup_key("unsubscribe"), metadata=metadata)


def rollup_materializations(report: RollupReport, as_of: datetime) -> Iterator[dg.AssetMaterialization]:
    """One event for each rollup and day that was recomputed."""
    metadata = {
        "as_of": dg.MetadataValue.timestamp(as_of),
        "hours_touched": dg.MetadataValue.int(report.hours),
    }
    for table, days in report.partitions.items():
        for day in days:
            yield dg.AssetMaterialization(rollup_key(table), partition=str(day), metadata=metadata)
    for table in report.totals:
        yield dg.AssetMaterialization(rollup_key(table), metadata=metadata)
    if report.new_templates:
        yield dg.AssetMaterialization(
            rollup_key("failure_reason"),
            metadata={**metadata, "new_error_texts": dg.MetadataValue.int(report.new_templates)},
        )


def _table_materializations(table: TableReport, report: ExtractReport) -> Iterator[dg.AssetMaterialization]:
    metadata = {
        "as_of": dg.MetadataValue.timestamp(report.as_of),
        "rows_read": dg.MetadataValue.int(table.read),
        "rows_changed": dg.MetadataValue.int(table.changed),
        "rows_deleted": dg.MetadataValue.int(table.deleted),
        "watermark": dg.MetadataValue.int(report.watermark),
    }
    for day, rows in table.days.items():
        in_day = {**metadata, "rows_changed_of_day": dg.MetadataValue.int(rows)}
        yield dg.AssetMaterialization(raw_key(table.raw), partition=str(day), metadata=in_day)
    if not table.days:
        yield dg.AssetMaterialization(raw_key(table.raw), metadata=metadata)
