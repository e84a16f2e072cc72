"""What starts a pass: something was written in the operational database.

Belongs here: gathering facts, the decision, and telling Dagster. Does not: passes (jobs.py), times by the clock
(schedules.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile

import dagster as dg

from pipelines.jobs import refresh
from warehouse.errors import SourceUnavailableError, WarehouseEmptyError
from warehouse.settings import Settings
from warehouse.status import read_status, source_moved

IN_FLIGHT = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)
QUIET_PASS_EVERY = timedelta(minutes=10)
"""A source in which nothing happens is read all the same now and then, so that `as_of` goes on."""
LONGEST_PAUSE = timedelta(minutes=10)
"""The longest wait after passes that failed one after the other."""

_RUNS_LOOKED_AT = 8


@dataclass(frozen=True)
class RefreshFacts:
    """What is known before a decision. `failed_at` are the ends of the passes that failed since the last good one."""

    in_flight: tuple[str, ...] = ()
    failed_at: tuple[datetime, ...] = ()
    last_as_of: datetime | None = None
    has_source_moved: bool = False
    source_trouble: str | None = None


@dataclass(frozen=True)
class RefreshPlan:
    """Whether a pass starts now, and why, in words."""

    launches: bool
    reason: str


def plan_refresh(facts: RefreshFacts, now: datetime, least_seconds: int) -> RefreshPlan:
    """Decides in this order.

    1. Never two passes at once. 2. No pass without a source. 3. After failures, each pause twice as long as the one
    before. 4. A first load, what changed, or a look at a quiet source. 5. Otherwise nothing is to be done.
    """
    obstacle = _obstacle(facts, now, least_seconds)
    if obstacle:
        return RefreshPlan(False, obstacle)
    if facts.last_as_of is None:
        return RefreshPlan(True, "Nothing has been loaded yet.")
    since = f"{facts.last_as_of:%H:%M:%S} UTC"
    if facts.has_source_moved:
        return RefreshPlan(True, f"Something was written in the source since {since}.")
    if now - facts.last_as_of >= QUIET_PASS_EVERY:
        return RefreshPlan(True, f"The source is quiet, but its last snapshot is of {since}.")
    return RefreshPlan(False, f"Nothing was written in the source since {since}.")


def source_changed_sensor(settings: Settings) -> dg.SensorDefinition:
    """The sensor that starts passes, at most every `refresh_seconds`."""

    @dg.sensor(
        name="source_changed",
        job=refresh,
        minimum_interval_seconds=settings.refresh_seconds,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Starts a pass when something was written in the operational database, never two at once.",
    )
    def source_changed(
        context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]
    ) -> dg.RunRequest | dg.SkipReason:
        facts = gather_facts(context.instance, settings)
        plan = plan_refresh(facts, datetime.now(UTC), settings.refresh_seconds)
        return dg.RunRequest(tags={"corbi/reason": plan.reason}) if plan.launches else dg.SkipReason(plan.reason)

    return source_changed


def gather_facts(instance: dg.DagsterInstance, settings: Settings) -> RefreshFacts:
    """Looks at recent runs, the warehouse's status and one counter of the source; no table is read.

    Raises WarehouseUnavailableError; a source that can't be reached is a fact.
    """
    records = instance.get_run_records(dg.RunsFilter(job_name=refresh.name), limit=_RUNS_LOOKED_AT)
    in_flight = tuple(r.dagster_run.run_id for r in records if r.dagster_run.status in IN_FLIGHT)
    if in_flight:
        return RefreshFacts(in_flight=in_flight)
    failed_at = _failed_since_last_success(records)
    try:
        moved = source_moved(settings)
    except SourceUnavailableError as error:
        return RefreshFacts(source_trouble=str(error))
    try:
        return RefreshFacts((), failed_at, read_status(settings).as_of, moved)
    except WarehouseEmptyError:
        return RefreshFacts((), failed_at, None, moved)


def _obstacle(facts: RefreshFacts, now: datetime, least_seconds: int) -> str | None:
    if facts.in_flight:
        return f"A pass is under way: run {facts.in_flight[0]}."
    if facts.source_trouble:
        return facts.source_trouble
    if facts.failed_at:
        next_try = max(facts.failed_at) + min(
            timedelta(seconds=least_seconds) * 2 ** len(facts.failed_at), LONGEST_PAUSE
        )
        if now < next_try:
            return f"The last passes failed ({len(facts.failed_at)}); the next try is at {next_try:%H:%M:%S} UTC."
    return None


def _failed_since_last_success(records: Sequence[dg.RunRecord]) -> tuple[datetime, ...]:
    """When the newest runs failed, back to the first that did not; `records` are newest first."""
    failed = takewhile(lambda record: record.dagster_run.status is dg.DagsterRunStatus.FAILURE, records)
    return tuple(datetime.fromtimestamp(record.end_time, UTC) for record in failed if record.end_time)
