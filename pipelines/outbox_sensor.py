"""What starts a pass over the outbox: a notice whose time to gather is over, or a message whose time has come.

Belongs here: gathering facts, the decision, and telling Dagster. Does not: the pass (jobs.py, alerts/delivery/).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import dagster as dg

from alerts.delivery.overview import Due, what_is_due
from alerts.delivery.run import deliver_due
from pipelines.jobs import notify
from pipelines.sensors import IN_FLIGHT
from warehouse.settings import Settings

LOOK_SECONDS = 30
"""Half of the time for which notices gather unless set otherwise. Dagster keeps a record of each look."""

LOST_AFTER = timedelta(minutes=10)
"""No pass takes so long: a run that claims to has lost its process, and what it had claimed is free again."""


@dataclass(frozen=True)
class DeliveryPlan:
    """Whether a run starts, or nobody is to be told and that is only written down (`settles`); and why, in words."""

    launches: bool
    reason: str
    settles: bool = False


def plan_delivery(due: Due, in_flight: tuple[str, ...]) -> DeliveryPlan:
    """Decides in this order.

    1. One run at a time is enough; two would do no harm, since each message is claimed by one.
    2. Without anything due nothing is done.
    3. Where no target is set at all, no run is worth its seconds: the notices are recorded as told to nobody.
    """
    if in_flight:
        return DeliveryPlan(False, f"Notifications are being sent: run {in_flight[0]}.")
    if not due.notices and not due.messages:
        return DeliveryPlan(False, "Nothing is due.")
    if not due.targets:
        return DeliveryPlan(False, f"No target is set: {due.notices} notices are told to nobody.", settles=True)
    return DeliveryPlan(True, f"{due.notices} notices and {due.messages} messages are due.")


@dg.sensor(
    name="notices_due",
    job=notify,
    minimum_interval_seconds=LOOK_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Sends notifications of alerts when some are due.",
)
def notices_due(
    context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]
) -> dg.RunRequest | dg.SkipReason:
    """Looks at the outbox by two indexes, and at the last run."""
    now = datetime.now(UTC)
    plan = plan_delivery(what_is_due(settings, now), _in_flight(context.instance, now))
    if plan.settles:
        deliver_due(settings, lambda: now, {})
    return dg.RunRequest(tags={"corbi/reason": plan.reason}) if plan.launches else dg.SkipReason(plan.reason)


def _in_flight(instance: dg.DagsterInstance, now: datetime) -> tuple[str, ...]:
    recent = dg.RunsFilter(job_name=notify.name, statuses=list(IN_FLIGHT), created_after=now - LOST_AFTER)
    return tuple(run.run_id for run in instance.get_runs(recent, limit=1))
