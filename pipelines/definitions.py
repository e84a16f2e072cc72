"""Everything Dagster loads, and the only module it is told of (workspace.yaml).

Belongs here: putting the parts together, when a code location loads. Does not: any part. Importing it does nothing.
"""

import warnings
from datetime import UTC, date, datetime

import dagster as dg

from pipelines.alert_sensors import alerts_due, run_failed
from pipelines.assets.backfill import recomputable_assets
from pipelines.assets.served import served_asset
from pipelines.assets.source import source_assets
from pipelines.checks import CHECKS
from pipelines.event_log import write_events_in_batches
from pipelines.jobs import notify, refresh, retention, verify
from pipelines.outbox_sensor import notices_due
from pipelines.resources import resources
from pipelines.schedules import hourly_verify, nightly_retention
from pipelines.sensors import source_changed_sensor
from warehouse.logs import configure_logs
from warehouse.settings import Settings, load_settings

_BETA_PARAMETERS = (
    "Parameter `owners` of initializer `SensorDefinition",  # passed by Dagster itself
    "Parameter `allow_nonexistent_upstream_partitions` of initializer `TimeWindowPartitionMapping",
)


@dg.definitions
def definitions() -> dg.Definitions:
    """The definitions for the settings of this process, as of today.

    Raises SettingsError naming what can't work.
    """
    settings = load_settings()
    if settings.log_format == "json":
        configure_logs(settings)
    write_events_in_batches()
    for parameter in _BETA_PARAMETERS:
        # Dagster's version is pinned and tested here; the same warning in every run's log helps nobody.
        warnings.filterwarnings("ignore", parameter, dg.BetaWarning)
    return build_definitions(settings, datetime.now(UTC).date())


def build_definitions(settings: Settings, today: date) -> dg.Definitions:
    """The definitions for some settings and a UTC day, at which windows of days end."""
    recomputable = recomputable_assets(settings, today)
    figures = served_asset(key for asset in recomputable for key in asset.keys)
    return dg.Definitions(
        assets=[*source_assets(settings), *recomputable, figures],
        asset_checks=CHECKS,
        jobs=[refresh, retention, verify, notify],
        schedules=[nightly_retention, hourly_verify],
        sensors=[source_changed_sensor(settings), alerts_due, notices_due, run_failed],
        resources=resources(settings),
        executor=dg.in_process_executor,
    )
