"""GET /metrics: what Prometheus is told, by whichever worker, and that it is nothing of an organization."""

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import text

from alerts.vocabulary import Severity
from api.vitals.families import DAGSTER_FAILED, DAGSTER_FAILED_LAST, FAMILIES
from tests.integration.alert_ground import an_alert
from tests.integration.conftest import api_client
from tests.integration.incident_writer import IncidentWriter, Stretch
from tests.integration.notice_ground import Ground, MovableClock, empty_store
from tests.integration.platform_writer import open_connection
from tests.integration.served_api import TOKEN, Served, serving
from warehouse.lake.damage import Damage, note_damage
from warehouse.refresh import refresh
from warehouse.settings import Settings

METRICS_TOKEN = "for Prometheus alone"
MAY = {"Authorization": f"Bearer {METRICS_TOKEN}"}
ASKED = 24

MESSAGES = """
    insert into alert.message
        (key, target, organization_id, status, due_at, queued_at, created_at, failed_at, last_error)
    select gen_random_uuid(), status, 1, status, now(), now() - interval '1 hour', now(), failed_at, last_error
    from (
        values ('gathering', null::timestamptz, null), ('trying', null, 'refused'), ('failed', now(), 'gone')
    ) of_each (status, failed_at, last_error)
"""

Samples = dict[tuple[str, ...], float]


def samples(exposition: str) -> dict[str, Samples]:
    """Values by the sample's name and its labels' values, in the order of the labels' names.

    Fails where two samples are the same.
    """
    found: dict[str, Samples] = {}
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            of_name = found.setdefault(sample.name, {})
            labels = tuple(value for _, value in sorted(sample.labels.items()))
            assert labels not in of_name
            of_name[labels] = sample.value
    return found


@pytest.fixture
def served(loaded: Settings, tmp_path: Path) -> Iterator[Served]:
    more = {"CORBI_API_WORKERS": "2", "CORBI_METRICS_TOKEN": METRICS_TOKEN, "CORBI_LOG_FORMAT": "json"}
    with serving(loaded, tmp_path, TMPDIR=str(tmp_path), **more) as served:
        yield served


@contextmanager
def watching(settings: Settings, **changed: SecretStr) -> Iterator[FlaskClient]:
    """The API with metrics."""
    update = {"metrics_token": SecretStr(METRICS_TOKEN)} | changed
    with api_client(settings.model_copy(update=update)) as client:
        yield client


@pytest.fixture
def watched(empty_platform: Settings) -> Iterator[FlaskClient]:
    """The API over a platform of which nothing was loaded yet."""
    with watching(empty_platform) as client:
        yield client


def ask(client: FlaskClient) -> dict[str, Samples]:
    answer = client.get("/metrics", headers=MAY)
    assert answer.status_code == 200
    return samples(answer.text)


def test_both_workers_tell_what_both_counted_and_their_logs_are_json(served: Served, tmp_path: Path) -> None:
    for number in range(ASKED):
        headers = {"Authorization": f"Bearer {TOKEN}", "X-Request-ID": f"asked-{number}"}
        assert requests.get(f"{served.url}/api/metrics/", headers=headers, timeout=60).status_code == 200
    assert requests.get(f"{served.url}/nowhere/7", timeout=60).status_code == 404
    answers = [requests.get(f"{served.url}/metrics", headers=MAY, timeout=60) for _ in range(4)]
    for answer in answers:
        found = samples(answer.text)
        counted = found["corbi_api_request_seconds_count"]
        assert counted[("/api/metrics/", "200")] == ASKED
        assert counted[("none", "404")] == 1
        assert found["corbi_api_request_seconds_bucket"][("+Inf", "/api/metrics/", "200")] == ASKED
        assert sum(found["corbi_api_cache_total"].values()) == ASKED
    assert {path.name.split("_")[0] for path in tmp_path.glob("corbi-metrics-*/*.db")} == {"counter", "histogram"}
    assert served.stop(signal.SIGTERM) == 0
    assert not list(tmp_path.glob("corbi-metrics-*"))
    lines = [json.loads(line) for line in served.log.read_text().splitlines()]
    assert all(line.keys() >= {"time", "level", "logger", "message"} for line in lines)
    assert {line["logger"] for line in lines} >= {"gunicorn.error", "api.request"}
    assert {line.get("request_id") for line in lines} >= {f"asked-{number}" for number in range(ASKED)}
    assert METRICS_TOKEN not in served.log.read_text()


@pytest.mark.parametrize("header", ["", "Bearer ", f"Bearer {METRICS_TOKEN}r", f"Basic {METRICS_TOKEN}"])
def test_only_who_has_the_token_is_told(watched: FlaskClient, header: str) -> None:
    answer = watched.get("/metrics", headers={"Authorization": header})
    assert answer.status_code == 401
    assert "corbi_" not in answer.text


def test_without_a_token_there_is_no_such_path(loaded: Settings) -> None:
    with api_client(loaded) as client:
        assert client.get("/metrics", headers=MAY).status_code == 404


def test_what_is_told_is_valid_whole_and_of_no_organization(loaded: Settings) -> None:
    with watching(loaded) as client:
        client.get("/api/metrics/", headers={"Authorization": f"Bearer {TOKEN}"})
        answer = client.get("/metrics", headers=MAY)
        as_open_metrics = client.get("/metrics", headers=MAY | {"Accept": "application/openmetrics-text"})
    assert answer.content_type.startswith("text/plain")
    families = {
        family.name + "_total" * (family.type == "counter"): family
        for family in text_string_to_metric_families(answer.text)
    }
    there = [family for family in FAMILIES if family not in (DAGSTER_FAILED, DAGSTER_FAILED_LAST)]
    assert families.keys() == {family.name for family in there}
    for family in there:
        found = families[family.name]
        assert (found.type, found.documentation) == (family.kind, family.help)
        assert {label for sample in found.samples for label in sample.labels} - {"le"} <= set(family.labels)
    assert as_open_metrics.text.endswith("# EOF\n")
    if promtool := shutil.which("promtool"):
        checked = subprocess.run(
            [promtool, "check", "metrics"], input=answer.text, capture_output=True, text=True, check=False
        )
        assert (checked.returncode, checked.stderr) == (0, "")


def test_what_is_told_follows_the_warehouse(watched: FlaskClient, empty_platform: Settings) -> None:
    before = ask(watched)
    assert before["corbi_up"] == {("lake",): 0, ("catalog",): 0, ("alerts",): 0, ("source",): 1}
    assert not before.keys() & {"corbi_passes_total", "corbi_lake_files", "corbi_alerts", "corbi_figures_lag_seconds"}

    with open_connection(empty_platform.required("source_url"), autocommit=True) as connection:
        writer = IncidentWriter(connection, datetime.now(UTC))
        start = datetime.now(UTC) - timedelta(hours=2)
        writer.sends(writer.organization(), "whatsapp", Stretch(start, 20, 100, 80))
    refresh(empty_platform)
    first = ask(watched)
    refresh(empty_platform)
    second = ask(watched)
    assert first["corbi_up"][("lake",)] == first["corbi_up"][("catalog",)] == 1
    assert (first["corbi_passes_total"][()], second["corbi_passes_total"][()]) == (1, 2)
    count, seconds, last = (
        second[f"corbi_pass_step_{name}"] for name in ("seconds_count", "seconds_sum", "last_seconds")
    )
    assert (count[("read",)], count[("roll_up",)]) == (2, 1), "a pass that reads nothing new rolls nothing up"
    assert seconds[("read",)] > last[("read",)] > 0
    assert seconds[("roll_up",)] == last[("roll_up",)] > 0
    rows = first["corbi_rows_read_total"]
    assert rows[("outbound_message",)] > 0
    assert rows == first["corbi_rows_changed_total"]
    assert second["corbi_rows_changed_total"] == first["corbi_rows_changed_total"]
    assert first["corbi_lake_files"][("raw.outbound_message",)] > 0
    assert first["corbi_lake_bytes"][("rollup.channel_day",)] > 0
    assert 0 < second["corbi_figures_lag_seconds"][()] <= first["corbi_figures_lag_seconds"][()] + 600
    assert first["corbi_lake_damaged_files"][()] == 0
    note_damage(empty_platform, [Damage("raw/contact/x.parquet", "raw.contact", 1, None, None, "is missing")])
    assert ask(watched)["corbi_lake_damaged_files"][()] == 1


def test_alerts_and_their_delivery_are_told(watched: FlaskClient, empty_platform: Settings) -> None:
    with empty_store(empty_platform) as engine:
        ground = Ground(empty_platform, engine, MovableClock())
        an_alert(engine, severity=Severity.WARN)
        an_alert(engine, 2, severity=Severity.WARN)
        ground.opens("a")
        with engine.begin() as connection:
            connection.execute(text(MESSAGES))
        found = ask(watched)
    assert found["corbi_up"][("alerts",)] == 1
    told = {labels: value for labels, value in found["corbi_alerts"].items() if value}
    assert told == {("warn", "open"): 2, ("critical", "open"): 1}
    assert found["corbi_outbox_waiting"] == {("notice",): 1, ("message",): 2}
    assert found["corbi_outbox_oldest_seconds"][()] > 3600
    assert found["corbi_notifications_failed"][()] == found["corbi_notifications_retried"][()] == 1
    assert "corbi_alerts_judged_age_seconds" not in found


def test_databases_out_of_reach_are_told_and_nothing_is_made_up(loaded: Settings) -> None:
    gone = SecretStr("postgresql://nobody@127.0.0.1:1/gone")
    with watching(loaded, warehouse_url=gone, dagster_url=gone, source_url=gone) as client:
        found = ask(client)
    assert found == {"corbi_up": dict.fromkeys([("lake",), ("catalog",), ("alerts",), ("dagster",), ("source",)], 0.0)}
