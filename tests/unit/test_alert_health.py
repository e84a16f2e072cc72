"""The doctor tells "nothing is wrong" from "nobody looked"."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.health import Evaluated, check_alerts, judged
from warehouse.settings import Settings
from warehouse.status import Status

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def status(passes: int = 3, rolled_up: datetime | None = NOW) -> Status:
    boundaries: Any = None
    return Status(NOW, rolled_up, watermark=1, passes=passes, pending_hours=0, boundaries=boundaries)


@pytest.mark.parametrize(("passes", "said"), [(1, "1 pass:"), (3, "3 passes:")])
def test_figures_that_nobody_judged_are_a_problem_with_a_way_out(passes: int, said: str) -> None:
    found = judged(status(passes), None)
    assert said in found.text
    assert "alerts evaluate" in str(found.advice)


@pytest.mark.parametrize(
    ("lag", "is_problem"), [(timedelta(0), False), (timedelta(minutes=15), False), (timedelta(minutes=16), True)]
)
def test_figures_that_went_on_without_an_evaluation_are_a_problem(lag: timedelta, is_problem: bool) -> None:
    assert judged(status(), Evaluated(NOW, NOW - lag)).is_problem is is_problem
    assert judged(status(rolled_up=None), Evaluated(NOW, NOW - lag)).is_problem is is_problem


def test_a_file_of_thresholds_that_cannot_work_is_named(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("[bounces]\ncritical = 101\n")
    (found,) = check_alerts(Settings(home=tmp_path, alert_thresholds=path, _env_file=None), NOW)
    assert "critical (101) must be from" in found.text
    assert "CORBI_ALERT_THRESHOLDS" in str(found.advice)
