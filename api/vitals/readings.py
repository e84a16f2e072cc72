"""What each part of the system is asked, and the metrics that its answer makes.

Belongs here: one function a part, each with few small statements. Does not: how long it may take (collector.py).
A failed read raises: it never becomes a zero.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial

from prometheus_client.core import Metric

from alerts.vitals import read_vitals
from api.vitals import families
from warehouse.lake.connections import WarehouseConnections, rows_once
from warehouse.lake.holdings import read_holdings
from warehouse.lake.sql import statement
from warehouse.queries.lakes import OrganizationLakes
from warehouse.settings import Settings
from warehouse.status import Status

Read = Callable[[], Iterable[Metric]]

_SECONDS = 3
"""The longest that a connection, and a statement on it, may take."""


def readings(settings: Settings, lakes: OrganizationLakes, connections: WarehouseConnections) -> Mapping[str, Read]:
    """The parts by name. Databases that these settings don't name are left out."""
    found: dict[str, Read] = {
        "lake": lambda: of_status(lakes.status(), datetime.now(UTC)),
        "catalog": partial(_catalog, connections),
        "alerts": partial(_alerts, connections),
    }
    if settings.dagster_url:
        found["dagster"] = partial(_dagster, settings)
    if settings.source_url:
        found["source"] = partial(_source, settings)
    return found


def of_status(status: Status, now: datetime) -> list[Metric]:
    """How far the warehouse has come. Pure."""
    figures = status.rolled_up_as_of or status.as_of
    steps, rows = status.tally.steps, status.tally.rows
    return [
        families.FIGURES_LAG.at(_age(figures, now)),
        families.READ_LAG.at(_age(status.as_of, now)),
        families.PASSES.at(status.passes),
        families.PASSES_BEHIND.at(status.passes_behind),
        families.ROWS_SET_ASIDE.at(status.set_aside),
        families.STEP.sums({(name,): (step.times, step.seconds) for name, step in steps.items()}),
        families.STEP_LAST.by({(name,): step.last_seconds for name, step in steps.items()}),
        families.ROWS_READ.by({(table,): moved.read for table, moved in rows.items()}),
        families.ROWS_CHANGED.by({(table,): moved.changed for table, moved in rows.items()}),
        families.ROWS_DELETED.by({(table,): moved.deleted for table, moved in rows.items()}),
    ]


def _catalog(connections: WarehouseConnections) -> list[Metric]:
    held = read_holdings(connections)
    return [
        families.LAKE_FILES.by({(table,): one.files for table, one in held.tables.items()}),
        families.LAKE_BYTES.by({(table,): one.bytes for table, one in held.tables.items()}),
        families.LAKE_DAMAGED.at(held.damaged_files),
        families.SNAPSHOT_AGE.at(held.snapshot_age_seconds),
    ]


def _alerts(connections: WarehouseConnections) -> list[Metric]:
    found = read_vitals(connections)
    judged = found.judged_seconds_ago
    return [
        families.ALERTS.by(found.unresolved),
        families.ALERTS_JUDGED.by({} if judged is None else {(): judged}),
        families.OUTBOX.by({("notice",): found.waiting_notices, ("message",): found.waiting_messages}),
        families.OUTBOX_OLDEST.at(found.oldest_seconds),
        families.NOTIFICATIONS_RETRIED.at(found.retried),
        families.NOTIFICATIONS_FAILED.at(found.failed),
    ]


def _dagster(settings: Settings) -> list[Metric]:
    rows = rows_once(settings, "dagster_url", statement("api.vitals", "dagster_runs"), seconds=_SECONDS)
    return [
        families.DAGSTER_FAILED.by({(job,): failed for job, failed, _ in rows}),
        families.DAGSTER_FAILED_LAST.by({(job,): has_failed for job, _, has_failed in rows}),
    ]


def _source(settings: Settings) -> list[Metric]:
    rows_once(settings, "source_url", "select 1", seconds=_SECONDS)
    return []


def _age(at: datetime, now: datetime) -> float:
    return max(0.0, (now - at).total_seconds())
