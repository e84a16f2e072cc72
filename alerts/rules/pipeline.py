"""The rule over the monitoring itself: figures that lag, jobs that failed.

Belongs here: this judgement. Does not: asking Dagster or the lake (pipelines/, evaluate.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.finding import Finding, Fingerprint, find
from alerts.thresholds import Applied
from alerts.vocabulary import OPERATIONS, Rule, Severity

ROWS = "rows"
"""The subject of the alert that source rows can't be used."""

FILES = "files"
"""The subject of the alert that files of the lake are damaged."""

LAG = "figures"
"""The subject of the alert that figures lag; a job's own failure has the job's name."""


@dataclass(frozen=True)
class PipelineHealth:
    """The moment the figures stand for (None: nothing is known), the jobs whose last run failed, rows set aside, and
    files of the lake that are known to be damaged, the first of them in words."""

    rolled_up_as_of: datetime | None
    failed_jobs: tuple[str, ...] = ()
    set_aside: int = 0
    first_set_aside: str = ""
    damaged_files: int = 0
    first_damaged: str = ""


def stale_pipeline(health: PipelineHealth, applied: Applied, now: datetime) -> Iterator[Finding]:
    """One finding for figures that lag, each job whose last run failed, rows that can't be used, damaged files."""
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
        yield from _told(
            applied, job, Severity.WARN, 1,
            title=f"The job {job} failed",
            description=f"The last run of {job} failed; Dagster shows why.",
        )  # fmt: skip
    if health.set_aside:
        yield from _told(
            applied, ROWS, Severity.INFO, health.set_aside,
            title="Rows of the operational database can't be used",
            description=f"{health.set_aside:,} rows are set aside, in no figure, the first: {health.first_set_aside}. "
            "They are taken back by themselves when they are mended or deleted there.",
        )  # fmt: skip
    if health.damaged_files:
        yield from _told(
            applied, FILES, Severity.CRITICAL, health.damaged_files,
            title="Files of the lake are damaged",
            description=f"{health.damaged_files:,} files are missing or not what was written, the first: "
            f"{health.first_damaged}. Figures that need them fail or are wrong: run `corbi-monitoring repair`.",
        )  # fmt: skip


def _told(
    applied: Applied, subject: str, severity: Severity, value: float, *, title: str, description: str
) -> Iterator[Finding]:
    """A finding that no limit decides on."""
    fingerprint = Fingerprint(OPERATIONS, Rule.STALE_PIPELINE, "", subject)
    found = find(fingerprint, applied, applied.limits.judge(0)[1], 1, title=title, description=description)
    if found is not None:
        yield replace(found, severity=severity, value=value)
