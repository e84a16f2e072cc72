"""What evaluates alerts: a new lake snapshot, the clock, a run that failed.

Belongs here: gathering facts, the decision, and telling Dagster. Does not: rules and the store (alerts/), sending
notices. An evaluation takes less time than launching a run does, so it happens within the sensor's tick, whose text
says what it found.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

import dagster as dg

from alerts.evaluate import evaluate_by_clock, evaluate_organizations
from alerts.migrations import upgrade
from alerts.rules.pipeline import PipelineHealth
from pipelines.jobs import refresh, retention, verify
from warehouse.errors import LakeDamagedError, WarehouseEmptyError
from warehouse.lake.damage import noted_damage
from warehouse.settings import Settings
from warehouse.status import latest_snapshot, read_status

CLOCK_SECONDS = 30
"""Between two looks at the clock: escalation and mutes are set in minutes."""

_FAILED_RUNS_SECONDS = 300
"""Between two looks for failed runs. The clock sees them too; this one also works when judging by the clock fails."""

_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]


@dataclass(frozen=True)
class EvaluationPlan:
    """Whether organizations are judged now, and the snapshot that is remembered as judged."""

    judges: bool
    cursor: str | None


def plan_evaluation(snapshot: int | None, cursor: str | None) -> EvaluationPlan:
    """Organizations are judged once a lake snapshot: nothing else could change what is found."""
    if snapshot is None:
        return EvaluationPlan(False, cursor)
    return EvaluationPlan(str(snapshot) != cursor, str(snapshot))


@dg.sensor(
    name="alerts_due",
    minimum_interval_seconds=CLOCK_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Judges all organizations when the lake has a new snapshot; escalates and looks at figures' age by the "
    "clock.",
)
def alerts_due(context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]) -> dg.SkipReason:
    """Evaluates; launches nothing."""
    _prepare(settings)
    now = datetime.now(UTC)
    plan = plan_evaluation(latest_snapshot(settings), context.cursor)
    said = []
    if plan.judges:
        try:
            report = evaluate_organizations(settings, now)
        except WarehouseEmptyError as error:
            return dg.SkipReason(str(error))
        except LakeDamagedError as error:
            # Whom it concerns are the operators, who are told by the clock.
            said.append(str(error))
        else:
            said.append(str(report))
            if not report.is_skipped and plan.cursor:
                context.update_cursor(plan.cursor)
    by_clock = evaluate_by_clock(settings, gather_health(context.instance, settings), now)
    return dg.SkipReason("; ".join([*said, f"by the clock: {by_clock}"]))


@dg.run_failure_sensor(
    name="run_failed",
    minimum_interval_seconds=_FAILED_RUNS_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Raises the alert that a job's last run failed, whatever becomes of `alerts_due`, which does so too.",
)
def run_failed(context: dg.RunFailureSensorContext, settings: dg.ResourceParam[Settings]) -> dg.SkipReason:
    """Judges the pipeline's health at once."""
    _prepare(settings)
    report = evaluate_by_clock(settings, gather_health(context.instance, settings), datetime.now(UTC))
    return dg.SkipReason(f"{context.dagster_run.job_name} failed; {report}")


def gather_health(instance: dg.DagsterInstance, settings: Settings) -> PipelineHealth:
    """The moment the figures stand for, the jobs whose last run failed, rows set aside, and damaged files."""
    failed = tuple(job for job in (refresh.name, retention.name, verify.name) if _failed_last(instance, job))
    damaged = noted_damage(settings)
    health = PipelineHealth(None, failed, damaged_files=len(damaged), first_damaged=str(damaged[0]) if damaged else "")
    try:
        status = read_status(settings)
    except (WarehouseEmptyError, LakeDamagedError):
        return health
    return replace(
        health,
        rolled_up_as_of=status.rolled_up_as_of,
        set_aside=status.set_aside,
        first_set_aside=status.first_set_aside,
    )


def _failed_last(instance: dg.DagsterInstance, job: str) -> bool:
    runs = instance.get_run_records(dg.RunsFilter(job_name=job, statuses=_ENDED), limit=1)
    return bool(runs) and runs[0].dagster_run.status is dg.DagsterRunStatus.FAILURE


@cache
def _prepare(settings: Settings) -> None:
    """The store's tables, once a process: the code location may start before its PostgreSQL."""
    upgrade(settings)
