"""What Dagster is told of: every name it knows, and the lineage between them."""

import re
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest

from pipelines.assets.rollups import rollup_specs
from pipelines.definitions import build_definitions
from warehouse.lake.sql import statement
from warehouse.rollups.families import FAMILIES, SUBJECTS
from warehouse.settings import Settings

TODAY = date(2026, 3, 9)

SOURCE_ASSETS = [
    "source/auth_user",
    "source/billing_billinglog",
    "source/bookings_booking",
    "source/contacts_contact",
    "source/integrations_integration",
    "source/messaging_campaign",
    "source/messaging_campaignrecipient",
    "source/messaging_emailjob",
    "source/messaging_emailrecipient",
    "source/messaging_inboundmessage",
    "source/messaging_instagrammessage",
    "source/messaging_outboundmessage",
    "source/messaging_providerevent",
    "source/messaging_suppression",
    "source/messaging_telegrammessage",
    "source/messaging_whatsappmessage",
    "source/monitoring_monitoringalert",
    "source/organizations_apikey",
    "source/organizations_membership",
    "source/organizations_organization",
]
RAW_ASSETS = [
    "raw/booking",
    "raw/campaign",
    "raw/campaign_recipient",
    "raw/contact",
    "raw/directory",
    "raw/email_job",
    "raw/email_recipient",
    "raw/inbound_message",
    "raw/instagram_message",
    "raw/integration",
    "raw/llm_call",
    "raw/monitoring_alert",
    "raw/outbound_message",
    "raw/provider_event",
    "raw/suppression",
    "raw/telegram_message",
    "raw/whatsapp_message",
]
ROLLUP_ASSETS = [
    "rollup/campaign_day",
    "rollup/campaign_failure_day",
    "rollup/channel_5m",
    "rollup/channel_day",
    "rollup/channel_hour",
    "rollup/channel_total",
    "rollup/contact_5m",
    "rollup/contact_day",
    "rollup/contact_hour",
    "rollup/email_job_day",
    "rollup/email_job_failure_day",
    "rollup/failure_5m",
    "rollup/failure_day",
    "rollup/failure_hour",
    "rollup/failure_reason",
    "rollup/organization_5m",
    "rollup/organization_day",
    "rollup/organization_hour",
    "rollup/organization_total",
    "rollup/unsubscribe",
]


@pytest.fixture(scope="module")
def settings() -> Settings:
    return Settings(_env_file=None)


@pytest.fixture(scope="module")
def definitions(settings: Settings) -> dg.Definitions:
    return build_definitions(settings, TODAY)


def test_every_name_dagster_knows_is_one_of_these(definitions: dg.Definitions) -> None:
    repository = definitions.get_repository_def()
    keys = sorted(key.to_user_string() for key in repository.asset_graph.get_all_asset_keys())
    checks = sorted(key.to_user_string() for key in repository.asset_graph.asset_check_keys)
    assert keys == sorted([*RAW_ASSETS, *ROLLUP_ASSETS, *SOURCE_ASSETS, "served/figures"])
    assert checks == [
        "served/figures:figures_are_fresh",
        "served/figures:raw_equals_source",
        "served/figures:rollups_equal_raw",
    ]
    assert sorted(job.name for job in repository.get_all_jobs()) == [
        "__ASSET_JOB",
        "notify",
        "refresh",
        "retention",
        "verify",
    ]
    assert sorted(sensor.name for sensor in repository.sensor_defs) == [
        "alerts_due",
        "notices_due",
        "run_failed",
        "source_changed",
    ]
    assert sorted(schedule.name for schedule in repository.schedule_defs) == ["hourly_verify", "nightly_retention"]


def test_everything_that_runs_by_itself_runs_from_the_start(definitions: dg.Definitions, settings: Settings) -> None:
    repository = definitions.get_repository_def()
    sensors = {sensor.name: sensor for sensor in repository.sensor_defs}
    assert {sensor.default_status for sensor in sensors.values()} == {dg.DefaultSensorStatus.RUNNING}
    assert sensors["source_changed"].minimum_interval_seconds == settings.refresh_seconds
    assert {schedule.default_status for schedule in repository.schedule_defs} == {dg.DefaultScheduleStatus.RUNNING}
    assert {s.name: s.cron_schedule for s in repository.schedule_defs} == {
        "hourly_verify": "40 * * * *",
        "nightly_retention": "20 1 * * *",
    }


def test_assets_are_grouped_by_layer(definitions: dg.Definitions) -> None:
    graph = definitions.get_repository_def().asset_graph
    groups = {graph.get(key).group_name: set[str]() for key in graph.get_all_asset_keys()}
    for key in graph.get_all_asset_keys():
        groups[graph.get(key).group_name].add(key.path[0])
    assert groups == {"source": {"source"}, "raw": {"raw"}, "rollups": {"rollup"}, "served": {"served"}}


def test_raw_tables_and_rollups_can_be_recomputed_and_nothing_else(definitions: dg.Definitions) -> None:
    graph = definitions.get_repository_def().asset_graph
    external = {key.to_user_string() for key in graph.get_all_asset_keys() if graph.get(key).is_external}
    assert external == {*SOURCE_ASSETS, "served/figures"}


@pytest.mark.parametrize(
    ("key", "days"),
    [
        ("raw/provider_event", 30),
        ("raw/campaign_recipient", 60),
        ("rollup/channel_5m", 90),
        ("rollup/channel_hour", 90),
        ("rollup/channel_day", 365),
        ("rollup/campaign_day", 365),
    ],
)
def test_a_layer_has_a_partition_for_each_day_it_keeps_and_for_today(
    definitions: dg.Definitions, key: str, days: int
) -> None:
    node = definitions.get_repository_def().asset_graph.get(dg.AssetKey.from_user_string(key))
    assert isinstance(node.partitions_def, dg.DailyPartitionsDefinition)
    keys = node.partitions_def.get_partition_keys(datetime(2026, 3, 9, 12, tzinfo=UTC))
    assert keys == [str(TODAY - timedelta(days=ago)) for ago in range(days, -1, -1)]


@pytest.mark.parametrize("key", ["raw/contact", "raw/directory", "rollup/unsubscribe", "rollup/organization_total"])
def test_what_has_no_days_has_no_partitions(definitions: dg.Definitions, key: str) -> None:
    node = definitions.get_repository_def().asset_graph.get(dg.AssetKey.from_user_string(key))
    assert node.partitions_def is None


def test_a_window_of_days_stands_still_while_definitions_stay_loaded(settings: Settings) -> None:
    first, second = ({spec.key: spec.partitions_def for spec in rollup_specs(settings, TODAY)} for _ in range(2))
    assert first == second


def _tables_read(statement_name: str, seen: frozenset[str] = frozenset()) -> set[str]:
    """The tables that a statement and the statements within it name: raw ones, and rollups by day."""
    text = statement("warehouse.rollups", statement_name)
    tables = set(re.findall(r"(?:\{raw\}|lake\.raw\.|lake\.rollup\.)(\w+)", text))
    tables = {table for table in tables if not table.endswith("_lifetime")}
    parts = {"message_count", "message", "email_ended", "email_sent", "campaign_reached", "campaign_sent"}
    for part in parts & set(re.findall(r"\{(\w+)\}", text)) - seen:
        tables |= _tables_read(part, seen | {part})
    return tables


def test_the_lineage_of_a_rollup_is_what_its_statement_reads(settings: Settings) -> None:
    deps = {spec.key.path[1]: {dep.asset_key.path[1] for dep in spec.deps} for spec in rollup_specs(settings, TODAY)}
    read = {f"{family.name}_5m": _tables_read(family.name) for family in FAMILIES}
    read |= {f"{subject.name}_day": _tables_read(subject.rows) for subject in SUBJECTS}
    read |= {name: _tables_read(name) for name in ("organization_total", "channel_total")}
    assert {name: deps[name] for name in read} == read
