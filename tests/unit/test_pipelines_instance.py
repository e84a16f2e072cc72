"""Dagster's own record: where it is kept, and which runs it forgets."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from pydantic import SecretStr

from pipelines.instance import write_instance
from pipelines.run_history import KEPT, PastRun, plan_forgetting
from warehouse.errors import SettingsError
from warehouse.settings import Settings

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
SUCCESS, FAILURE, STARTED = dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.STARTED


def test_the_file_with_the_storage_password_is_its_owners_alone(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, dagster_url=SecretStr("postgresql://corbi:secret@db/dagster"))
    file = write_instance(settings, tmp_path / "dagster")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "postgresql://corbi:secret@db/dagster" in file.read_text()


def test_a_second_start_replaces_the_file(tmp_path: Path) -> None:
    for url in ("postgresql:///one", "postgresql:///two"):
        file = write_instance(Settings(_env_file=None, dagster_url=SecretStr(url)), tmp_path)
    assert "postgresql:///two" in file.read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["dagster.yaml"]


def test_without_a_storage_url_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="CORBI_DAGSTER_URL"):
        write_instance(Settings(_env_file=None), tmp_path)
    assert not list(tmp_path.iterdir())


def test_old_runs_are_forgotten_and_failures_stay_longer() -> None:
    runs = [
        PastRun("new", SUCCESS, NOW - KEPT[SUCCESS]),
        PastRun("old", SUCCESS, NOW - KEPT[SUCCESS] - timedelta(seconds=1)),
        PastRun("failed", FAILURE, NOW - KEPT[SUCCESS] - timedelta(seconds=1)),
        PastRun("failed long ago", FAILURE, NOW - KEPT[FAILURE] - timedelta(seconds=1)),
    ]
    assert plan_forgetting(runs, NOW) == ["old", "failed long ago"]


def test_a_run_under_way_is_never_forgotten() -> None:
    assert plan_forgetting([PastRun("slow", STARTED, NOW - timedelta(days=300))], NOW) == []
