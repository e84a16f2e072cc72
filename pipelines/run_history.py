"""How long Dagster remembers runs.

Belongs here: which runs and which of their events are forgotten, and forgetting them. Does not: how long the warehouse
keeps rows (warehouse/retention.py), ticks of sensors and schedules (instance.py: Dagster forgets those itself).
A partition shows what its last materialization said, so that one event stays, and with it the line of its run.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import sqlalchemy as sa
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage

KEPT = {
    dg.DagsterRunStatus.SUCCESS: timedelta(days=3),
    dg.DagsterRunStatus.CANCELED: timedelta(days=3),
    dg.DagsterRunStatus.FAILURE: timedelta(days=30),
}
"""How long an ended run is remembered after it was made."""

_RUNS_A_STATEMENT = 200


@dataclass(frozen=True)
class PastRun:
    """A run that Dagster remembers."""

    run_id: str
    status: dg.DagsterRunStatus
    made_at: datetime


def plan_forgetting(runs: Iterable[PastRun], now: datetime) -> list[str]:
    """The ids of the runs to forget: ended, and made long enough ago."""
    return [run.run_id for run in runs if run.status in KEPT and now - run.made_at > KEPT[run.status]]


def forget_runs(instance: dg.DagsterInstance, now: datetime, days: int) -> int:
    """Forgets old runs with their events and captured output; returns how many.

    Of a run that was the last to write a table, or one of its last so many days, these materializations stay.
    """
    before = now - min(KEPT.values())
    records = instance.get_run_records(dg.RunsFilter(statuses=list(KEPT), created_before=before))
    runs = [PastRun(r.dagster_run.run_id, r.dagster_run.status, r.create_timestamp) for r in records]
    plan = plan_forgetting(runs, now)
    storage = _storage(instance)
    shown = _shown_events(storage, now.date() - timedelta(days=days)) if plan else {}
    forgotten = [run_id for run_id in plan if run_id not in shown]
    for run_id in forgotten:
        instance.delete_run(run_id)
        instance.compute_log_manager.delete_logs(prefix=[run_id])
    _forget_checks(storage, before)
    _forget_other_events(instance, {run_id: shown[run_id] for run_id in plan if run_id in shown})
    return len(forgotten)


def _shown_events(storage: SqlEventLogStorage, since: date) -> dict[str, list[int]]:
    """The last materialization of each asset and of each of its days, by the run that wrote it."""
    event = SqlEventLogStorageTable.c
    last = (
        sa.select(sa.func.max(event.id))
        .where(event.dagster_event_type == dg.DagsterEventType.ASSET_MATERIALIZATION.value)
        .where(event.partition.is_(None) | (event.partition >= str(since)))
        .group_by(event.asset_key, event.partition)
    )
    shown: dict[str, list[int]] = {}
    with storage.index_connection() as connection:
        for run_id, event_id in connection.execute(sa.select(event.run_id, event.id).where(event.id.in_(last))):
            shown.setdefault(run_id, []).append(event_id)
    return shown


def _forget_other_events(instance: dg.DagsterInstance, shown: Mapping[str, Sequence[int]]) -> None:
    event = SqlEventLogStorageTable.c
    for runs in _batches(list(shown)):
        kept = [event_id for run_id in runs for event_id in shown[run_id]]
        others = SqlEventLogStorageTable.delete().where(event.run_id.in_(runs)).where(event.id.not_in(kept))
        with _storage(instance).index_connection() as connection:
            connection.execute(others)
    for run_id in shown:
        instance.compute_log_manager.delete_logs(prefix=[run_id])


def _forget_checks(storage: SqlEventLogStorage, before: datetime) -> None:
    """Dagster leaves the results of checks behind when it deletes a run; each check's last one is what the UI shows."""
    check = AssetCheckExecutionsTable.c
    last = sa.select(sa.func.max(check.id)).group_by(check.asset_key, check.check_name)
    is_old = check.evaluation_event_timestamp < before.astimezone(UTC).replace(tzinfo=None)
    with storage.index_connection() as connection:
        connection.execute(AssetCheckExecutionsTable.delete().where(is_old).where(check.id.not_in(last)))


def _batches(runs: Sequence[str]) -> Iterator[Sequence[str]]:
    yield from (runs[first : first + _RUNS_A_STATEMENT] for first in range(0, len(runs), _RUNS_A_STATEMENT))


def _storage(instance: dg.DagsterInstance) -> SqlEventLogStorage:
    storage = instance.event_log_storage
    if not isinstance(storage, SqlEventLogStorage):
        raise TypeError(f"Dagster's events are kept in a {type(storage).__name__}, not in PostgreSQL: see instance.py.")
    return storage
