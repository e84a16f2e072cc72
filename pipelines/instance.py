"""The Dagster instance: where runs, events and schedules are kept, and how many runs go on at once.

Belongs here: writing `dagster.yaml` for a DAGSTER_HOME, and closing runs whose process is known to be gone. Does not:
starting the webserver and the daemon (cli/), definitions.
"""

import json
from pathlib import Path

import dagster as dg
from dagster_postgres.utils import DagsterPostgresException

from pipelines.jobs import ONE_AT_A_TIME, refresh
from pipelines.sensors import IN_FLIGHT
from warehouse.errors import WarehouseUnavailableError
from warehouse.settings import Settings

_HEADER = "# Written by Corbi Monitoring at every start; it holds the password of Dagster's storage. JSON is YAML.\n"
_POLL_SECONDS = 30


def write_instance(settings: Settings, home: Path) -> Path:
    """Writes `dagster.yaml` into a DAGSTER_HOME folder, which is made if need be; returns the file.

    Only its owner may read the file. Raises SettingsError when `dagster_url` is not set.
    """
    home = home.expanduser().resolve()
    home.mkdir(parents=True, exist_ok=True)
    file = home / "dagster.yaml"
    text = _HEADER + json.dumps(instance_config(settings, home), indent=2) + "\n"
    new = file.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_text(text, encoding="utf-8")
    new.replace(file)
    return file


def instance_config(settings: Settings, home: Path) -> dict[str, object]:
    """The instance's configuration.

    The pool of lake writers has one place: refresh, retention, verification and backfills follow one another, whoever
    starts them. A run that waits for its place takes no process.
    """
    return {
        "storage": {"postgres": {"postgres_url": settings.required("dagster_url")}},
        "local_artifact_storage": {
            "module": "dagster._core.storage.root",
            "class": "LocalArtifactStorage",
            "config": {"base_dir": str(home)},
        },
        "compute_logs": {
            "module": "dagster._core.storage.local_compute_log_manager",
            "class": "LocalComputeLogManager",
            "config": {"base_dir": str(home / "compute_logs")},
        },
        "run_coordinator": {
            "module": "dagster._core.run_coordinator.queued_run_coordinator",
            "class": "QueuedRunCoordinator",
            "config": {"dequeue_interval_seconds": 1},
        },
        "concurrency": {
            "pools": {"granularity": "run", "default_limit": 1},
            "runs": {
                "max_concurrent_runs": 4,
                "tag_concurrency_limits": [{"key": ONE_AT_A_TIME, "value": refresh.name, "limit": 1}],
            },
        },
        "run_monitoring": {"enabled": True, "start_timeout_seconds": 300, "poll_interval_seconds": _POLL_SECONDS},
        "run_retries": {"enabled": True, "max_retries": 0},
        "retention": {
            "sensor": {"purge_after_days": {"skipped": 1, "failure": 7, "success": 2}},
            "schedule": {"purge_after_days": {"skipped": 7, "failure": 30, "success": 30}},
        },
        "code_servers": {"local_startup_timeout": 180},
        "python_logs": {"python_log_level": settings.log_level},
        "telemetry": {"enabled": False},
        "nux": {"enabled": False},
    }


def close_lost_runs_in(folder: Path) -> list[str]:
    """What `close_lost_runs` does, of the instance whose folder was written.

    Raises WarehouseUnavailableError when its storage can't be reached.
    """
    try:
        with dg.DagsterInstance.from_config(str(folder)) as instance:
            return close_lost_runs(instance)
    except DagsterPostgresException as error:
        why = str(getattr(error.__cause__, "orig", error)).strip()
        raise WarehouseUnavailableError(
            f"Dagster's storage can't be reached: {why} Check CORBI_DAGSTER_URL, and that its server runs."
        ) from error


def close_lost_runs(instance: dg.DagsterInstance) -> list[str]:
    """Closes runs that claim to be in progress; returns their ids.

    For one machine, before webserver and daemon start: a run is their child, so none can be alive then, and one that
    was killed with them would else keep its place in the pool for ever. Passes count as canceled: they go on with the
    next run and nothing is lost. Any other run counts as failed.
    """
    started = tuple(status for status in IN_FLIGHT if status is not dg.DagsterRunStatus.QUEUED)
    lost = instance.get_runs(dg.RunsFilter(statuses=started))
    for run in lost:
        close = instance.report_run_canceled if run.job_name == refresh.name else instance.report_run_failed
        close(run, "Its process ended with the services that had started it.")
    return [run.run_id for run in lost]
