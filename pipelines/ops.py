"""The steps of the jobs: each does one thing of the warehouse and tells Dagster what it wrote.

Belongs here: reading the step's configuration, one call, its report as events. Does not: which steps a job has
(jobs.py), what the events say (materializations.py).
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster._core.storage.tags import POOL_TAG_PREFIX

from alerts.delivery.overview import forget_old
from alerts.delivery.run import deliver_due
from alerts.delivery.transports import transports
from alerts.migrations import upgrade
from alerts.retention import forget_resolved
from pipelines.delivery_report import delivery_metadata
from pipelines.event_log import log_events
from pipelines.materializations import (
    extract_metadata,
    extracted_rollup_materializations,
    held_materializations,
    passes_metadata,
    raw_materializations,
    refresh_materializations,
    rollup_materializations,
    rollup_metadata,
)
from pipelines.run_history import forget_runs
from warehouse.lake.compaction import CompactReport, compact_if_due
from warehouse.lake.connection import open_lake
from warehouse.lake.damage import MEND
from warehouse.lake.files import look_for_damage
from warehouse.lake.state import read_state
from warehouse.refresh import extract_into, roll_up_pending, writing_lake
from warehouse.retention import retain as retain_rows
from warehouse.settings import Settings
from warehouse.source.reading import Request
from warehouse.status import days_held
from warehouse.watch import Pass, passes, summed

WRITERS = "lake_writers"
"""The pool of all that writes to the lake: Dagster starts a run of it when the one before has ended."""

REFRESH = "refresh"
"""The name of the job of regular passes."""

_PASSES_A_LINE = 10


class PassesConfig(dg.Config):
    """How many passes a run makes at most; see warehouse.watch.passes for when the next is due."""

    most: int = 1


class ExtractConfig(dg.Config):
    """What an extraction must do beyond reading what changed; see warehouse.source.reading.Request."""

    sweep: bool = False
    compare_ids: bool = False


@dg.op(pool=WRITERS, out=dg.Out(dg.Nothing), tags={"kind": "duckdb"})
def make_passes(context: dg.OpExecutionContext, config: PassesConfig, settings: dg.ResourceParam[Settings]) -> None:
    """Makes passes while nobody else waits for the lake, and tells of all of them at the end, however that comes.

    The first run in a new Dagster storage makes one, so that what it loaded is shown at once.
    """
    is_first, made = _is_first_run(context.instance), list[Pass]()
    try:
        for done in passes(
            settings,
            1 if is_first else config.most,
            gives_way=lambda: _is_lake_wanted(context.instance),
            progress=context.log.info,
        ):
            made.append(done)
            _tell_progress(context, made)
    except dg.DagsterExecutionInterruptedError:
        # Services that are stopped end the run between two passes, which is no failure; whoever terminated it is heard.
        if not made or _is_terminated(context):
            raise
    finally:
        if made:
            _tell_passes(context, made, settings, is_first=is_first)


@dg.op(pool=WRITERS, out=dg.Out(dg.Nothing), tags={"kind": "duckdb"})
def extract(context: dg.OpExecutionContext, config: ExtractConfig, settings: dg.ResourceParam[Settings]) -> None:
    """Brings the raw tables to one snapshot of the operational database."""
    request = Request(sweep=config.sweep, compare_ids=config.compare_ids)
    with writing_lake(settings) as lake:
        report = extract_into(lake, settings, request, context.log.info)
    context.add_output_metadata(extract_metadata(report, datetime.now(UTC)))
    log_events(context, raw_materializations(report))
    log_events(context, extracted_rollup_materializations(report, settings))


@dg.op(pool=WRITERS, ins={"extracted": dg.In(dg.Nothing)}, out=dg.Out(dg.Nothing), tags={"kind": "duckdb"})
def roll_up(context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings]) -> None:
    """Recomputes the rollups of all that was merged and not yet rolled up, and tidies the lake's files when due."""
    started = time.monotonic()
    with writing_lake(settings) as lake:
        report = roll_up_pending(lake)
        as_of = read_state(lake).as_of
        seconds = time.monotonic() - started
        compaction = compact_if_due(lake, settings)
    _tell_of_files_and_trouble(context, compaction, report.trouble)
    metadata = rollup_metadata(report, as_of, datetime.now(UTC))
    context.add_output_metadata({**metadata, "seconds": dg.MetadataValue.float(round(seconds, 3))})
    log_events(context, rollup_materializations(report, as_of))


@dg.op(pool=WRITERS, ins={"rolled_up": dg.In(dg.Nothing)}, out=dg.Out(dg.Nothing), tags={"kind": "duckdb"})
def retain(context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings]) -> None:
    """Drops what is older than the settings keep; days that leave the daily tables go into lifetime totals."""
    report = retain_rows(settings)
    upgrade(settings)
    forgotten = forget_resolved(settings, datetime.now(UTC) - timedelta(days=settings.daily_days))
    context.add_output_metadata(
        {
            "alerts_forgotten": dg.MetadataValue.int(forgotten),
            "rows_dropped": dg.MetadataValue.int(sum(report.rows.values())),
            "rows_by_table": dg.MetadataValue.json(report.rows),
            "boundaries": dg.MetadataValue.json(report.boundaries.model_dump(mode="json")),
        }
    )


@dg.op(ins={"retained": dg.In(dg.Nothing)}, out=dg.Out(dg.Nothing), tags={"kind": "duckdb"})
def check_files(context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings]) -> None:
    """Compares every file of the lake with what was written; an alert tells what is damaged."""
    started, found = time.monotonic(), look_for_damage(settings)
    for damage in found:
        context.log.error(f"{damage}: {MEND}.")
    context.add_output_metadata(
        {
            "files_damaged": dg.MetadataValue.int(len(found)),
            "seconds": dg.MetadataValue.float(round(time.monotonic() - started, 3)),
        }
    )


@dg.op(ins={"retained": dg.In(dg.Nothing)}, out=dg.Out(dg.Nothing), tags={"kind": "dagster"})
def forget_old_runs(context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings]) -> None:
    """Removes Dagster's own record of old runs, but for what it shows of each day that is kept."""
    forgotten = forget_runs(context.instance, datetime.now(UTC), settings.daily_days)
    context.add_output_metadata({"runs_forgotten": dg.MetadataValue.int(forgotten)})


@dg.op(ins={"retained": dg.In(dg.Nothing)}, out=dg.Out(dg.Nothing), tags={"kind": "notifications"})
def forget_old_notices(context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings]) -> None:
    """Removes notices and messages of alerts that are over, as old as the hours that are no longer kept."""
    before = datetime.now(UTC) - timedelta(days=settings.hourly_days)
    context.add_output_metadata({"rows_forgotten": dg.MetadataValue.int(forget_old(settings, before))})


@dg.op(out=dg.Out(dg.Nothing), tags={"kind": "notifications"})
def deliver(context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings]) -> None:
    """Decides who is told of what waits in the outbox, and sends what is due."""
    report = deliver_due(settings, lambda: datetime.now(UTC), transports(settings))
    for target, cause in report.troubles.items():
        context.log.warning(f"Not sent to {target}: {cause}")
    context.add_output_metadata(delivery_metadata(report))


def _tell_of_files_and_trouble(context: dg.OpExecutionContext, compaction: CompactReport | None, trouble: str) -> None:
    if compaction:
        context.log.info(f"Compacted {compaction.files_before:,} data files to {compaction.files_after:,}.")
    if trouble:
        context.log.error(f"{trouble}. The next pass tries again; all else is rolled up.")


def _tell_progress(context: dg.OpExecutionContext, made: Sequence[Pass]) -> None:
    """What the run's log says while it goes on: a line for every tenth pass, and what is out of the ordinary."""
    report, before = made[-1].report, made[-2].report if len(made) > 1 else None
    is_told = before is not None and before.rollup.trouble == report.rollup.trouble
    _tell_of_files_and_trouble(context, report.compaction, "" if is_told else report.rollup.trouble)
    if len(made) % _PASSES_A_LINE == 0:
        recent = made[-_PASSES_A_LINE:]
        context.log.info(
            f"{len(made)} passes; the last {len(recent)} changed {sum(one.report.extract.changed for one in recent):,} "
            f"rows and took {max(one.seconds for one in recent):.1f} s at most."
        )


def _tell_passes(context: dg.OpExecutionContext, made: Sequence[Pass], settings: Settings, *, is_first: bool) -> None:
    report = summed([one.report for one in made])
    as_of = report.extract.as_of
    context.add_output_metadata(passes_metadata(made, datetime.now(UTC)))
    if is_first:
        with open_lake(settings, read_only=True) as lake:
            held = days_held(lake)
        log_events(context, held_materializations(held, as_of))
    log_events(context, refresh_materializations(report, settings))


def _is_lake_wanted(instance: dg.DagsterInstance) -> bool:
    """Whether a run waits for the pool of writers: it gets the lake as soon as the passes end."""
    waiting = dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED], tags={f"{POOL_TAG_PREFIX}{WRITERS}": "true"})
    return bool(instance.get_runs(waiting, limit=1))


def _is_terminated(context: dg.OpExecutionContext) -> bool:
    run = context.instance.get_run_by_id(context.run_id)
    return run is not None and run.status is dg.DagsterRunStatus.CANCELING


def _is_first_run(instance: dg.DagsterInstance) -> bool:
    """Whether Dagster has yet to see a pass: the command line may have loaded the lake, or Dagster's storage is new."""
    passed = dg.RunsFilter(job_name=REFRESH, statuses=[dg.DagsterRunStatus.SUCCESS])
    return not instance.get_run_records(passed, limit=1)
