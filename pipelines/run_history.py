"""How long Dagster remembers runs: a pass every 30 s would leave 190 MB of events a day.

Belongs here: which runs are forgotten, and forgetting them. Does not: how long the warehouse keeps rows
(warehouse/retention.py), ticks of sensors and schedules (instance.py: Dagster forgets those itself).
A partition shows what its last materialization said, so the run that wrote it stays.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

import dagster as dg

KEPT = {
    dg.DagsterRunStatus.SUCCESS: timedelta(days=3),
    dg.DagsterRunStatus.CANCELED: timedelta(days=3),
    dg.DagsterRunStatus.FAILURE: timedelta(days=30),
}
"""How long an ended run is remembered after it was made."""


@dataclass(frozen=True)
class PastRun:
    """A run that Dagster remembers."""

    run_id: str
    status: dg.DagsterRunStatus
    made_at: datetime


def plan_forgetting(runs: Iterable[PastRun], needed: Set[str], now: datetime) -> list[str]:
    """The ids of the runs to forget: ended, made long enough ago, and not the last to write a partition."""
    return [
        run.run_id
        for run in runs
        if run.run_id not in needed and run.status in KEPT and now - run.made_at > KEPT[run.status]
    ]


def forget_runs(instance: dg.DagsterInstance, now: datetime) -> int:
    """Forgets old runs with their events and captured output; returns how many."""
    before = now - min(KEPT.values())
    records = instance.get_run_records(dg.RunsFilter(statuses=list(KEPT), created_before=before))
    runs = [PastRun(r.dagster_run.run_id, r.dagster_run.status, r.create_timestamp) for r in records]
    plan = plan_forgetting(runs, runs_that_partitions_show(instance) if runs else frozenset(), now)
    for run_id in plan:
        instance.delete_run(run_id)
        instance.compute_log_manager.delete_logs(prefix=[run_id])
    return len(plan)


def runs_that_partitions_show(instance: dg.DagsterInstance) -> set[str]:
    """The ids of the runs that were the last to write an asset or one of its days."""
    needed: set[str] = set()
    for key in instance.all_asset_keys():
        latest = instance.get_latest_materialization_event(key)
        by_day = instance.event_log_storage.get_latest_storage_id_by_partition(
            key, dg.DagsterEventType.ASSET_MATERIALIZATION
        )
        needed |= {latest.run_id} if latest else set()
        if by_day:
            found = instance.fetch_materializations(
                dg.AssetRecordsFilter(asset_key=key, storage_ids=sorted(by_day.values())), limit=len(by_day)
            )
            needed |= {record.run_id for record in found.records}
    return needed
