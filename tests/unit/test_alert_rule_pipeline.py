"""The monitoring watches itself: figures that lag, jobs whose last run failed."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.rules.pipeline import FILES, LAG, PipelineHealth, stale_pipeline
from alerts.thresholds import Thresholds, load_defaults
from alerts.vocabulary import OPERATIONS, Rule, Severity

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
APPLIED = Thresholds(load_defaults(), {}).of(Rule.STALE_PIPELINE, OPERATIONS, "")


@pytest.mark.parametrize(
    ("minutes", "severity"), [(15, Severity.WARN), (44, Severity.WARN), (45, Severity.CRITICAL), (14.9, None)]
)
def test_figures_that_lag(minutes: float, severity: Severity | None) -> None:
    (found,) = stale_pipeline(PipelineHealth(NOW - timedelta(minutes=minutes)), APPLIED, NOW)
    assert (found.fingerprint.subject, found.severity) == (LAG, severity)


def test_fresh_figures_and_good_runs_are_nothing_to_tell() -> None:
    assert list(stale_pipeline(PipelineHealth(NOW - timedelta(minutes=11)), APPLIED, NOW)) == []
    assert list(stale_pipeline(PipelineHealth(None), APPLIED, NOW)) == []


def test_each_job_that_failed_is_an_alert_of_its_own() -> None:
    found = list(stale_pipeline(PipelineHealth(NOW, ("refresh", "verify")), APPLIED, NOW))
    assert [(each.fingerprint.subject, each.severity) for each in found] == [
        ("refresh", Severity.WARN), ("verify", Severity.WARN),
    ]  # fmt: skip


def test_damaged_files_are_told_with_the_command_that_mends_them() -> None:
    health = PipelineHealth(NOW, damaged_files=2, first_damaged="raw/contact/x.parquet is missing")
    (found,) = stale_pipeline(health, APPLIED, NOW)
    assert (found.fingerprint.subject, found.severity, found.value) == (FILES, Severity.CRITICAL, 2)
    assert "raw/contact/x.parquet is missing" in found.description
    assert "corbi-monitoring repair" in found.description
