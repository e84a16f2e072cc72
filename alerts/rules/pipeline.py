"""The rule over the monitoring itself: figures that lag, jobs that failed.

Belongs here: this judgement. Does not: asking Dagster or the lake (pipelines/, evaluate.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.finding import Finding, Fingerprint, find
from alerts.thresholds import Applied
from alerts.vocabulary import OPERATIONS, Rule, Severity

LAG = "figures"
"""The subject of the alert that figures lag; a job's own failure has the job's name."""


@dataclass(frozen=True)
class PipelineHealth:
    """The moment the figures stand for (None: nothing is known), and the jobs whose last run failed."""

    rolled_up_as_of: datetime | None
    failed_jobs: tuple[str, ...] = ()


def stale_pipeline(health: PipelineHealth, applied: Applied, now: datetime) -> Iterator[Finding]:
    """One finding for figures that lag, one for each job whose last run failed."""
    if health.rolled_up_as_of is not None:
        age = (now - health.rolled_up_as_of).total_seconds() / 60
        lag = find(
            Fingerprint(OPERATIONS, Rule.STALE_PIPELINE, "", LAG), applied, age, 1,
            title=f"The figures are {age:.0f} minutes old",
            description=f"They stand for {health.rolled_up_as_of:%Y-%m-%d %H:%M} UTC.",
        )  # fmt: skip
        if lag is not None:
            yield lag
    for job in health.failed_jobs:
        failed = find(
            Fingerprint(OPERATIONS, Rule.STALE_PIPELINE, "", job), applied, applied.limits.judge(0)[1], 1,
            title=f"The job {job} failed",
            description=f"The last run of {job} failed; Dagster shows why.",
        )  # fmt: skip
        if failed is not None:
            yield replace(failed, severity=Severity.WARN, value=1)
