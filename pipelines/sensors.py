"""What starts passes: something was written in the operational database.

Belongs here: gathering facts, the decision, and telling Dagster. Does not: passes (jobs.py), times by the clock
(schedules.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile

import dagster as dg

from pipelines.jobs import refresh
from pipelines.ops import PassesConfig, make_passes
from warehouse.errors import SourceUnavailableError, WarehouseEmptyError
from warehouse.settings import Settings
from warehouse.status import read_status, source_moved
from warehouse.watch import QUIET_PASS_EVERY, WATCH, unwatched

IN_FLIGHT = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)
LONGEST_PAUSE = timedelta(minutes=10)
"""The longest wait after passes that failed one after the other."""

LOST_AFTER = timedelta(minutes=5)
"""A run that is so old and has no process that makes passes has lost it."""

_RUNS_LOOKED_AT = 8
_LEAST_INTERVAL_SECONDS = 10


@dataclass(frozen=True)
class RefreshFacts:
    """What is known before a decision.

    `lost` are runs in flight whose process is gone; `failed_at` the ends of the passes that failed since the last good
    one.
    """

    in_flight: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    failed_at: tuple[datetime, ...] = ()
    last_as_of: datetime | None = None
    has_source_moved: bool = False
    source_trouble: str | None = None


@dataclass(frozen=True)
class RefreshPlan:
    """Whether a run starts now, and why, in words; how many passes it may make; and which runs are marked as failed."""

    launches: bool
    reason: str
    close: tuple[str, ...] = ()
    passes: int = 1


def plan_refresh(facts: RefreshFacts, now: datetime, least_seconds: int) -> RefreshPlan:
    """Decides in this order.

    1. Never two passes at once; one that was lost is closed, so that it does not stand in the way for ever.
    2. No pass without a source.
    3. After failures, each pause is twice as long as the one before.
    4. A first load, what changed, or a look at a quiet source.
    5. Otherwise nothing is to be done.

    A run goes on with passes for half an hour, but after failures it makes one alone, whose end says that all is well
    again.
    """
    if facts.lost:
        return RefreshPlan(False, f"A pass was lost with its process: run {facts.lost[0]}. It is closed.", facts.lost)
    obstacle = _obstacle(facts, now, least_seconds)
    if obstacle:
        return RefreshPlan(False, obstacle)
    if facts.last_as_of is None:
        return RefreshPlan(True, "Nothing has been loaded yet.")
    since = f"{facts.last_as_of:%H:%M:%S} UTC"
    passes = 1 if facts.failed_at else max(1, int(WATCH.total_seconds()) // least_seconds)
    if facts.has_source_moved:
        return RefreshPlan(True, f"Something was written in the source since {since}.", passes=passes)
    if now - facts.last_as_of >= QUIET_PASS_EVERY:
        return RefreshPlan(True, f"The source is quiet, but its last snapshot is of {since}.", passes=passes)
    return RefreshPlan(False, f"Nothing was written in the source since {since}.")


def source_changed_sensor(settings: Settings) -> dg.SensorDefinition:
    """The sensor that starts runs of passes."""

    @dg.sensor(
        name="source_changed",
        job=refresh,
        # A run makes passes for half an hour; between two there need not be less than this.
        minimum_interval_seconds=max(_LEAST_INTERVAL_SECONDS, settings.refresh_seconds),
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Starts a run of passes when something was written in the operational database, never two at once.",
    )
    def source_changed(
        context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]
    ) -> dg.RunRequest | dg.SkipReason:
        now = datetime.now(UTC)
        plan = plan_refresh(gather_facts(context.instance, settings, now), now, settings.refresh_seconds)
        for run in context.instance.get_runs(dg.RunsFilter(run_ids=list(plan.close))) if plan.close else ():
            context.instance.report_run_failed(run, plan.reason)
        if not plan.launches:
            return dg.SkipReason(plan.reason)
        config = dg.RunConfig(ops={make_passes.name: PassesConfig(most=plan.passes)})
        return dg.RunRequest(run_config=config, tags={"corbi/reason": plan.reason})

    return source_changed


def gather_facts(instance: dg.DagsterInstance, settings: Settings, now: datetime) -> RefreshFacts:
    """Looks at recent runs, the warehouse's status and one counter of the source; no table is read.

    Raises WarehouseUnavailableError; a source that can't be reached is a fact.
    """
    records = instance.get_run_records(dg.RunsFilter(job_name=refresh.name), limit=_RUNS_LOOKED_AT)
    in_flight = [record for record in records if record.dagster_run.status in IN_FLIGHT]
    if in_flight:
        return RefreshFacts(tuple(r.dagster_run.run_id for r in in_flight), _lost(in_flight, settings, now))
    failed_at = _failed_since_last_success(records)
    try:
        moved = source_moved(settings)
    except SourceUnavailableError as error:
        return RefreshFacts(source_trouble=str(error))
    try:
        last_as_of = read_status(settings).as_of
    except WarehouseEmptyError:
        last_as_of = None
    return RefreshFacts(failed_at=failed_at, last_as_of=last_as_of, has_source_moved=moved)


def _obstacle(facts: RefreshFacts, now: datetime, least_seconds: int) -> str | None:
    if facts.in_flight:
        return f"Passes are being made by run {facts.in_flight[0]}."
    if facts.source_trouble:
        return facts.source_trouble
    if facts.failed_at:
        next_try = max(facts.failed_at) + min(
            timedelta(seconds=least_seconds) * 2 ** len(facts.failed_at), LONGEST_PAUSE
        )
        if now < next_try:
            return f"The last passes failed ({len(facts.failed_at)}); the next try is at {next_try:%H:%M:%S} UTC."
    return None


def _lost(in_flight: Sequence[dg.RunRecord], settings: Settings, now: datetime) -> tuple[str, ...]:
    """The runs that must have a process by now while none makes passes."""
    oldest_start = (now - LOST_AFTER).timestamp()
    late = tuple(r.dagster_run.run_id for r in in_flight if r.start_time and r.start_time < oldest_start)
    if not late:
        return ()
    with unwatched(settings) as nobody_is_there:
        return late if nobody_is_there else ()


def _failed_since_last_success(records: Sequence[dg.RunRecord]) -> tuple[datetime, ...]:
    """When the newest runs failed, back to the first that did not; `records` are newest first."""
    failed = takewhile(lambda record: record.dagster_run.status is dg.DagsterRunStatus.FAILURE, records)
    return tuple(datetime.fromtimestamp(record.end_time, UTC) for record in failed if record.end_time)
