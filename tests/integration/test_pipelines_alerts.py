"""Dagster's sensors over alerts, on a real warehouse: judged once a snapshot, and a failed run is told at once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from alerts.catch_up import catch_up
from alerts.database import store
from alerts.feed import Filter, read_alerts
from alerts.migrations import upgrade
from alerts.model import Alert
from alerts.rules.pipeline import FILES
from alerts.vocabulary import OPERATIONS, Rule, Severity, Status
from pipelines.alert_sensors import alerts_due, gather_health, run_failed
from pipelines.jobs import retention
from tests.integration.incident_writer import IncidentWriter, Stretch
from tests.integration.lake_damage import damage, live_file
from tests.integration.platform_writer import open_connection
from warehouse.lake.files import look_for_damage
from warehouse.refresh import refresh
from warehouse.settings import Settings

NOW = datetime.now(UTC)


@dg.op
def fails() -> None:
    raise dg.Failure("the source is gone")


@dg.job(name="refresh")
def failing_refresh() -> None:
    fails()


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def tick(instance: dg.DagsterInstance, settings: Settings, cursor: str | None = None) -> tuple[str, str | None]:
    context = dg.build_sensor_context(instance=instance, cursor=cursor, resources={"settings": settings})
    said = alerts_due(context)
    assert isinstance(said, dg.SkipReason)
    return said.skip_message or "", context.cursor


def raised(settings: Settings) -> list[Alert]:
    with store(settings) as engine:
        return list(read_alerts(engine, Filter(), limit=100).alerts)


def write_incident(settings: Settings, start: datetime) -> int:
    with open_connection(settings.required("source_url"), autocommit=True) as connection:
        writer = IncidentWriter(connection, NOW)
        organization = writer.organization()
        writer.platform_alerts(organization, "send_failure", "whatsapp", Stretch(start, 20, 40, 40))
        writer.sends(organization, "whatsapp", Stretch(start, 20, 100, 80))
    return organization


def test_organizations_are_judged_once_a_snapshot(empty_platform: Settings, instance: dg.DagsterInstance) -> None:
    said, cursor = tick(instance, empty_platform)
    assert cursor is None
    organization = write_incident(empty_platform, NOW - timedelta(minutes=25))
    refresh(empty_platform)
    said, cursor = tick(instance, empty_platform, cursor)
    assert "1 open" in said
    assert cursor is not None
    again, same = tick(instance, empty_platform, cursor)
    assert (again.startswith("by the clock"), same) == (True, cursor)
    (alert,) = raised(empty_platform)
    assert (alert.organization_id, alert.rule) == (organization, Rule.PLATFORM_ALERTS)
    assert alert.severity == Severity.CRITICAL


def test_a_damaged_file_is_an_alert_until_a_look_finds_it_whole(
    empty_platform: Settings, instance: dg.DagsterInstance
) -> None:
    write_incident(empty_platform, NOW - timedelta(days=2))
    refresh(empty_platform)
    path = live_file(empty_platform, "rollup.channel_day")
    whole = path.read_bytes()
    damage(path, "page")
    retention.execute_in_process(instance=instance, resources={"settings": empty_platform}, raise_on_error=False)
    tick(instance, empty_platform)
    (alert,) = [each for each in raised(empty_platform) if each.subject == FILES]
    assert (alert.organization_id, alert.severity) == (OPERATIONS, Severity.CRITICAL)
    assert path.name in alert.description
    path.write_bytes(whole)
    look_for_damage(empty_platform)
    assert gather_health(instance, empty_platform).damaged_files == 0


def test_a_job_whose_last_run_failed_is_an_alert_until_it_succeeds(
    empty_platform: Settings, instance: dg.DagsterInstance
) -> None:
    refresh(empty_platform)
    run = failing_refresh.execute_in_process(instance=instance, raise_on_error=False)
    assert gather_health(instance, empty_platform).failed_jobs == ("refresh",)
    failure = next(event for event in run.all_events if event.event_type_value == "PIPELINE_FAILURE")
    context = dg.build_run_status_sensor_context(
        sensor_name="run_failed", dagster_instance=instance, dagster_run=run.dagster_run, dagster_event=failure,
        resources={"settings": empty_platform},
    ).for_run_failure()  # fmt: skip
    run_failed(context)
    (alert,) = raised(empty_platform)
    assert (alert.organization_id, alert.subject, alert.status) == (OPERATIONS, "refresh", Status.OPEN)


def test_a_warehouse_that_was_just_loaded_catches_up_with_its_past(empty_platform: Settings) -> None:
    write_incident(empty_platform, NOW - timedelta(hours=5))
    refresh(empty_platform)
    upgrade(empty_platform)
    assert catch_up(empty_platform, timedelta(hours=6), timedelta(minutes=15)) == 25
    found = {alert.rule: alert for alert in raised(empty_platform)}
    assert {rule: alert.status for rule, alert in found.items()} == {
        Rule.PLATFORM_ALERTS: Status.RESOLVED,
        Rule.DELIVERY_FAILURES: Status.RESOLVED,
    }
    assert found[Rule.DELIVERY_FAILURES].created_at < NOW - timedelta(hours=4)
