"""Every metric: its name, type, labels and meaning. docs/metrics.md is this table; a test compares them.

Belongs here: what there is. Does not: where its values come from (readings.py, requests.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily

Labels = tuple[str, ...]
Key = TypeVar("Key", bound=Labels)
Kind = Literal["counter", "gauge", "histogram", "summary"]


@dataclass(frozen=True)
class Family:
    """One metric. A counter's name ends with `_total`."""

    name: str
    kind: Kind
    help: str
    labels: Labels = ()

    def at(self, value: float) -> Metric:
        """The metric with its one value, of one without labels."""
        return self.by({(): value})

    def by(self, values: Mapping[Key, float]) -> Metric:
        """The metric of a counter or gauge, by the values of its labels."""
        family = CounterMetricFamily if self.kind == "counter" else GaugeMetricFamily
        metric = family(self.name, self.help, labels=self.labels)
        for labels, value in values.items():
            metric.add_metric(labels, value)
        return metric

    def sums(self, values: Mapping[Key, tuple[int, float]]) -> Metric:
        """The metric of a summary: how often and how much together, by the values of its labels."""
        metric = SummaryMetricFamily(self.name, self.help, labels=self.labels)
        for labels, (count, total) in values.items():
            metric.add_metric(labels, count, total)
        return metric


UP = Family(
    "corbi_up",
    "gauge",
    "1 where a part could be read for this answer; else 0, and what is read from it is missing. Parts: lake, catalog "
    "and alerts (both the warehouse's PostgreSQL), dagster (its storage), source (the operational database).",
    ("part",),
)
FIGURES_LAG = Family(
    "corbi_figures_lag_seconds",
    "gauge",
    "Age of the moment that the figures stand for. Grows where no pass ends well; a quiet source is read every ten "
    "minutes too.",
)
READ_LAG = Family(
    "corbi_read_lag_seconds",
    "gauge",
    "Age of the operational database's snapshot that was read last.",
)
PASSES = Family(
    "corbi_passes_total", "counter", "Passes that read the operational database, since the lake was loaded (anew)."
)
PASSES_BEHIND = Family(
    "corbi_rollup_passes_behind",
    "gauge",
    "Passes whose rows are not all rolled up; more than 3 is a fault that /readyz and `doctor` explain.",
)
STEP = Family(
    "corbi_pass_step_seconds",
    "summary",
    "Time of the steps of passes without their commits, since the lake was loaded (anew): read, roll_up (where rows "
    "changed), compact (where it was due).",
    ("step",),
)
STEP_LAST = Family(
    "corbi_pass_step_last_seconds", "gauge", "The same of the last time that a step was made.", ("step",)
)
ROWS_READ = Family(
    "corbi_rows_read_total",
    "counter",
    "Rows that passes read from the operational database, by raw table, since the lake was loaded (anew).",
    ("table",),
)
ROWS_CHANGED = Family(
    "corbi_rows_changed_total", "counter", "Of these, rows that were inserted or replaced in the lake.", ("table",)
)
ROWS_DELETED = Family(
    "corbi_rows_deleted_total", "counter", "Rows deleted from the lake since the source has them no more.", ("table",)
)
ROWS_SET_ASIDE = Family(
    "corbi_rows_set_aside", "gauge", "Rows of the operational database that can't be used and are in no figure."
)
LAKE_FILES = Family(
    "corbi_lake_files", "gauge", "Files of the lake's present snapshot, by table (raw, rollup or meta).", ("table",)
)
LAKE_BYTES = Family("corbi_lake_bytes", "gauge", "Bytes of these files.", ("table",))
LAKE_DAMAGED = Family(
    "corbi_lake_damaged_files", "gauge", "Files of the lake that are known to be missing or changed; see `repair`."
)
SNAPSHOT_AGE = Family(
    "corbi_lake_snapshot_age_seconds",
    "gauge",
    "Time since the lake's catalog got its last snapshot.",
)
ALERTS = Family(
    "corbi_alerts",
    "gauge",
    "Alerts that are not resolved, of all organizations together; state is open or acked.",
    ("severity", "state"),
)
ALERTS_JUDGED = Family(
    "corbi_alerts_judged_age_seconds", "gauge", "Time since alerts were last judged; missing where they never were."
)
OUTBOX = Family(
    "corbi_outbox_waiting",
    "gauge",
    "What people are still to be told: notices that nobody decided on, messages that are not sent.",
    ("kind",),
)
OUTBOX_OLDEST = Family(
    "corbi_outbox_oldest_seconds", "gauge", "How long the oldest of these has waited; 0 when nothing waits."
)
NOTIFICATIONS_RETRIED = Family(
    "corbi_notifications_retried", "gauge", "Messages that could not be sent so far and will be tried again."
)
NOTIFICATIONS_FAILED = Family(
    "corbi_notifications_failed",
    "gauge",
    "Messages that were given up, until `notifications --retry` or retention takes them.",
)
DAGSTER_FAILED = Family(
    "corbi_dagster_failed_runs", "gauge", "Dagster's runs that failed in the last 24 hours.", ("dagster_job",)
)
DAGSTER_FAILED_LAST = Family(
    "corbi_dagster_last_run_failed", "gauge", "1 where the last run of a job that ended has failed.", ("dagster_job",)
)
REQUESTS = Family(
    "corbi_api_request_seconds",
    "histogram",
    "Time to answer a request, by the template of its route (none where nothing is at the path) and status.",
    ("route", "status"),
)
CACHE = Family(
    "corbi_api_cache_total",
    "counter",
    "Answers from the lake: hit (kept), miss (computed), refresh (computed on request), not_modified (304).",
    ("result",),
)

FAMILIES = (
    UP, FIGURES_LAG, READ_LAG, PASSES, PASSES_BEHIND, STEP, STEP_LAST, ROWS_READ, ROWS_CHANGED, ROWS_DELETED,
    ROWS_SET_ASIDE, LAKE_FILES, LAKE_BYTES, LAKE_DAMAGED, SNAPSHOT_AGE, ALERTS, ALERTS_JUDGED, OUTBOX, OUTBOX_OLDEST,
    NOTIFICATIONS_RETRIED, NOTIFICATIONS_FAILED, DAGSTER_FAILED, DAGSTER_FAILED_LAST, REQUESTS, CACHE,
)  # fmt: skip
