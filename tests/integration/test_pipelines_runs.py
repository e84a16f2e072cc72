"""Dagster's jobs, backfills, checks and sensor on a real warehouse, with Dagster's storage in PostgreSQL."""

import signal
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import psycopg
import pytest
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from pydantic import SecretStr

from alerts.evaluate import evaluate_organizations
from alerts.migrations import upgrade
from api.vitals.readings import readings
from demo.history import fill
from pipelines.definitions import build_definitions
from pipelines.event_log import write_events_in_batches
from pipelines.instance import close_lost_runs, write_instance
from pipelines.jobs import refresh
from pipelines.ops import PassesConfig
from pipelines.run_history import forget_runs
from pipelines.sensors import LOST_AFTER, gather_facts
from warehouse import watch
from warehouse.lake.connection import open_lake
from warehouse.lake.connections import WarehouseConnections
from warehouse.queries.lakes import OrganizationLakes
from warehouse.refresh import refresh as load
from warehouse.settings import Settings
from warehouse.watch import passes

TODAY = datetime.now(UTC).date()
DAYS_AGO_2, DAYS_AGO_1 = TODAY - timedelta(days=2), TODAY - timedelta(days=1)
ROLLUPS = (
    "channel_5m",
    "channel_hour",
    "channel_day",
    "failure_hour",
    "organization_day",
    "campaign_day",
    "email_job_day",
)


def new_warehouse(new_database: Callable[[], str], home: Path) -> Settings:
    settings = Settings(
        _env_file=None,
        home=home,
        source_url=SecretStr(new_database()),
        warehouse_url=SecretStr(new_database()),
        dagster_url=SecretStr(new_database()),
        lake_path=str(home / "lake"),
        hash_key=SecretStr("k"),
        raw_days=20,
    )
    fill(settings.required("source_url"), messages=2_000, seed=7, now=datetime.now(UTC), days=5)
    return settings


@pytest.fixture(scope="module")
def settings(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A source with five days of history, and an empty warehouse."""
    return new_warehouse(new_database, tmp_path_factory.mktemp("pipelines"))


@pytest.fixture(scope="module")
def instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The instance that `write_instance` describes."""
    home = write_instance(settings, settings.home / "dagster").parent
    with pytest.MonkeyPatch.context() as patch, dg.DagsterInstance.from_config(str(home)) as instance:
        patch.setenv("DAGSTER_EVENT_BATCH_SIZE", "500")
        yield instance


@pytest.fixture(scope="module")
def definitions(settings: Settings) -> dg.Definitions:
    return build_definitions(settings, TODAY)


@pytest.fixture(scope="module")
def first_load(definitions: dg.Definitions, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    """The run of the job `refresh` that loads everything."""
    return run_job(definitions, "refresh", instance)


def run_job(definitions: dg.Definitions, name: str, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    return definitions.resolve_job_def(name).execute_in_process(instance=instance)


def failures(settings: Settings, job: str) -> dict[str, float]:
    """What Prometheus is told of the failed runs of a job."""
    read = readings(settings, OrganizationLakes(settings), WarehouseConnections(settings))["dagster"]
    samples = (sample for metric in read() for sample in metric.samples)
    return {sample.name: sample.value for sample in samples if sample.labels["dagster_job"] == job}


def backfill_days(
    definitions: dg.Definitions, instance: dg.DagsterInstance, key: str, first: date, last: date
) -> dg.ExecuteInProcessResult:
    """What the UI does for a range of partitions of an asset: the whole step that writes it."""
    chosen = definitions.resolve_assets_def(dg.AssetKey.from_user_string(key))
    job = definitions.resolve_implicit_global_asset_job_def()
    return job.execute_in_process(
        instance=instance,
        asset_selection=sorted(chosen.keys),
        tags={"dagster/asset_partition_range_start": str(first), "dagster/asset_partition_range_end": str(last)},
    )


def marked(instance: dg.DagsterInstance, run_id: str) -> dict[str, set[str | None]]:
    """The days of each asset that a run wrote."""
    days: dict[str, set[str | None]] = {}
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION):
        assert entry.asset_materialization is not None
        days.setdefault(entry.asset_materialization.asset_key.to_user_string(), set()).add(
            entry.asset_materialization.partition
        )
    return days


def rows(settings: Settings, table: str) -> list[tuple[object, ...]]:
    with open_lake(settings, read_only=True) as lake:
        columns = [row[0] for row in lake.execute(f"describe lake.{table}").fetchall()]
        # The entries of a sketch are in no order.
        names = ", ".join(f"list_sort({name})" if name == "latency" else name for name in columns)
        return lake.execute(f"select {names} from lake.{table} order by all").fetchall()


def days_held(settings: Settings, table: str) -> set[str]:
    with open_lake(settings, read_only=True) as lake:
        return {str(day) for (day,) in lake.execute(f"select distinct day from lake.{table}").fetchall()}


def falsify(settings: Settings, statement: str) -> None:
    with open_lake(settings) as lake:
        lake.execute(statement)


@pytest.mark.usefixtures("first_load")
def test_dagster_keeps_its_runs_in_postgresql(settings: Settings) -> None:
    with psycopg.connect(settings.required("dagster_url")) as connection:
        (runs,) = connection.execute("select count(*) from runs where status = 'SUCCESS'").fetchone() or (0,)
    assert runs >= 1


@pytest.mark.parametrize(
    "table",
    ["raw.provider_event", "raw.outbound_message", "raw.campaign_recipient", *(f"rollup.{name}" for name in ROLLUPS)],
)
def test_a_refresh_marks_every_day_it_wrote(
    first_load: dg.ExecuteInProcessResult, instance: dg.DagsterInstance, settings: Settings, table: str
) -> None:
    assert first_load.success
    key = dg.AssetKey(table.split("."))
    assert instance.get_materialized_partitions(key) >= days_held(settings, table)


def test_days_that_the_command_line_loaded_are_marked_by_the_first_run(
    new_database: Callable[[], str], tmp_path: Path
) -> None:
    settings = new_warehouse(new_database, tmp_path)
    load(settings)
    with dg.DagsterInstance.ephemeral() as instance:
        assert run_job(build_definitions(settings, TODAY), "refresh", instance).success
        for table in ("raw.provider_event", "rollup.channel_day", "rollup.campaign_day"):
            assert instance.get_materialized_partitions(dg.AssetKey(table.split("."))) == days_held(settings, table)
        assert instance.get_latest_materialization_event(dg.AssetKey(["raw", "contact"]))


@pytest.mark.usefixtures("first_load")
def test_a_refresh_after_one_message_marks_that_days_assets_alone(
    definitions: dg.Definitions, instance: dg.DagsterInstance, settings: Settings
) -> None:
    run_job(definitions, "refresh", instance)
    with psycopg.connect(settings.required("source_url"), autocommit=True) as source:
        touched = source.execute(
            """
            update messaging_outboundmessage set status = 'failed', error = 'Mailbox full', updated_at = now()
            where id = (
                select max(id) from messaging_outboundmessage where created_at < current_date and status <> 'failed'
            )
            returning (created_at at time zone 'UTC')::date
            """
        ).fetchone()
    assert touched is not None
    result = run_job(definitions, "refresh", instance)
    days = marked(instance, result.run_id)
    assert days.pop("raw/directory") == {None}
    days.pop("rollup/failure_reason", None)
    assert days.pop("rollup/channel_total") == {None}
    families = {f"rollup/{family}_{slot}" for family in ("channel", "failure") for slot in ("5m", "hour", "day")}
    assert days == {key: {str(touched[0])} for key in ("raw/outbound_message", *families)}


@pytest.mark.usefixtures("first_load")
def test_days_can_be_recomputed_again_and_again_with_the_same_outcome(
    definitions: dg.Definitions, instance: dg.DagsterInstance, settings: Settings
) -> None:
    before = {table: rows(settings, f"rollup.{table}") for table in ROLLUPS}
    falsify(settings, f"update lake.rollup.channel_hour set sent = sent + 5 where day = date '{DAYS_AGO_2}'")
    falsify(settings, f"delete from lake.rollup.channel_day where day = date '{DAYS_AGO_1}'")
    for _ in range(2):
        result = backfill_days(definitions, instance, "rollup/channel_day", DAYS_AGO_2, DAYS_AGO_1)
        assert result.success
        assert {table: rows(settings, f"rollup.{table}") for table in ROLLUPS} == before
        days = marked(instance, result.run_id)
        assert days["rollup/campaign_day"] >= {str(DAYS_AGO_2), str(DAYS_AGO_1)}
        assert days["rollup/channel_day"] == {str(DAYS_AGO_2), str(DAYS_AGO_1)}
        assert days["rollup/channel_5m"] == {str(DAYS_AGO_2), str(DAYS_AGO_1)}


@pytest.mark.usefixtures("first_load")
def test_tables_without_days_can_be_recomputed(definitions: dg.Definitions, instance: dg.DagsterInstance) -> None:
    chosen = definitions.resolve_assets_def(dg.AssetKey(["raw", "contact"]))
    job = definitions.resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(instance=instance, asset_selection=sorted(chosen.keys))
    assert result.success
    assert {"raw/contact", "raw/campaign", "raw/email_job", "raw/directory"} <= marked(instance, result.run_id).keys()


def evaluations(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    return {evaluation.check_name: evaluation for evaluation in result.get_asset_check_evaluations()}


@pytest.mark.usefixtures("first_load")
def test_every_check_passes_on_a_sound_warehouse(definitions: dg.Definitions, instance: dg.DagsterInstance) -> None:
    run_job(definitions, "refresh", instance)
    found = evaluations(run_job(definitions, "verify", instance))
    assert {name: evaluation.passed for name, evaluation in found.items()} == {
        "raw_equals_source": True,
        "rollups_equal_raw": True,
        "figures_are_fresh": True,
    }


@pytest.mark.usefixtures("first_load")
def test_a_falsified_rollup_fails_its_check_and_is_named(
    definitions: dg.Definitions, instance: dg.DagsterInstance, settings: Settings
) -> None:
    falsify(settings, f"update lake.rollup.channel_hour set sent = sent + 1 where day = date '{DAYS_AGO_2}'")
    found = evaluations(run_job(definitions, "verify", instance))
    assert not found["rollups_equal_raw"].passed
    assert found["rollups_equal_raw"].severity is dg.AssetCheckSeverity.ERROR
    assert "rollup.channel_hour" in str(found["rollups_equal_raw"].metadata["differences"].value)
    assert found["raw_equals_source"].passed
    assert backfill_days(definitions, instance, "rollup/channel_hour", DAYS_AGO_2, DAYS_AGO_2).success


@pytest.mark.usefixtures("first_load")
def test_a_lost_raw_row_fails_its_check_and_is_named(
    definitions: dg.Definitions, instance: dg.DagsterInstance, settings: Settings
) -> None:
    run_job(definitions, "refresh", instance)
    falsify(
        settings,
        "delete from lake.raw.inbound_message where id = "
        f"(select max(id) from lake.raw.inbound_message where day = date '{DAYS_AGO_2}')",
    )
    found = evaluations(run_job(definitions, "verify", instance))
    assert not found["raw_equals_source"].passed
    assert "inbound_message" in str(found["raw_equals_source"].metadata["differences"].value)
    backfill_days(definitions, instance, "raw/inbound_message", DAYS_AGO_2, DAYS_AGO_2)
    assert evaluations(run_job(definitions, "verify", instance))["raw_equals_source"].passed


def tick(
    definitions: dg.Definitions, instance: dg.DagsterInstance, settings: Settings
) -> dg.RunRequest | dg.SkipReason:
    sensor = definitions.resolve_sensor_def("source_changed")
    outcome = sensor(dg.build_sensor_context(instance=instance, resources={"settings": settings}))
    assert isinstance(outcome, dg.RunRequest | dg.SkipReason)
    return outcome


@pytest.mark.usefixtures("first_load")
def test_the_sensor_starts_a_pass_when_something_was_written(
    definitions: dg.Definitions, instance: dg.DagsterInstance, settings: Settings
) -> None:
    run_job(definitions, "refresh", instance)
    with psycopg.connect(settings.required("source_url"), autocommit=True) as source:
        source.execute(
            "update contacts_contact set updated_at = now() where id = (select min(id) from contacts_contact)"
        )
    assert isinstance(tick(definitions, instance, settings), dg.RunRequest)


@pytest.mark.usefixtures("first_load")
def test_the_sensor_waits_while_passes_are_made_and_a_lost_run_is_closed_without_a_failure(
    definitions: dg.Definitions, instance: dg.DagsterInstance, settings: Settings
) -> None:
    lost = instance.create_run_for_job(refresh, status=dg.DagsterRunStatus.STARTED)
    outcome = tick(definitions, instance, settings)
    assert isinstance(outcome, dg.SkipReason)
    assert lost.run_id in str(outcome.skip_message)
    assert close_lost_runs(instance) == [lost.run_id]
    assert gather_facts(instance, settings, datetime.now(UTC)).failed_at == ()
    instance.delete_run(lost.run_id)


@pytest.mark.usefixtures("first_load")
def test_a_run_that_failed_is_counted_for_prometheus(
    definitions: dg.Definitions, instance: dg.DagsterInstance, settings: Settings
) -> None:
    verify = definitions.resolve_job_def("verify")
    lost = instance.create_run_for_job(verify, status=dg.DagsterRunStatus.STARTED)
    assert close_lost_runs(instance) == [lost.run_id]
    assert failures(settings, "verify") == {"corbi_dagster_failed_runs": 1, "corbi_dagster_last_run_failed": 1}
    assert set(failures(settings, "refresh").values()) == {0}
    instance.delete_run(lost.run_id)
    assert 1 not in failures(settings, "verify").values()


@pytest.mark.usefixtures("first_load")
def test_a_run_is_lost_when_no_process_makes_passes(instance: dg.DagsterInstance, settings: Settings) -> None:
    run = instance.create_run_for_job(refresh)
    instance.report_dagster_event(
        dg.DagsterEvent(dg.DagsterEventType.RUN_START.value, job_name=refresh.name), run_id=run.run_id
    )
    now = datetime.now(UTC)
    assert gather_facts(instance, settings, now).lost == ()
    process = passes(settings, 2, gives_way=lambda: True)
    next(process)
    assert gather_facts(instance, settings, now + LOST_AFTER * 2).lost == ()
    assert list(process) == []
    assert gather_facts(instance, settings, now + LOST_AFTER * 2).lost == (run.run_id,)
    instance.delete_run(run.run_id)


@pytest.mark.usefixtures("first_load")
def test_the_sensor_survives_a_source_out_of_reach_and_says_so(
    definitions: dg.Definitions, instance: dg.DagsterInstance, settings: Settings
) -> None:
    run_job(definitions, "refresh", instance)
    away = settings.model_copy(update={"source_url": SecretStr("postgresql://nobody@127.0.0.1:1/gone")})
    outcome = tick(definitions, instance, away)
    assert isinstance(outcome, dg.SkipReason)
    assert "CORBI_SOURCE_URL" in str(outcome.skip_message)


def test_forgetting_old_runs_leaves_every_day_as_it_was(
    first_load: dg.ExecuteInProcessResult, definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    unneeded = run_job(definitions, "verify", instance).run_id
    run_job(definitions, "refresh", instance)
    keys = [dg.AssetKey(["rollup", "channel_day"]), dg.AssetKey(["raw", "provider_event"])]
    before = [instance.get_materialized_partitions(key) for key in keys]
    later = datetime.now(UTC) + timedelta(days=4)
    assert forget_runs(instance, later, days=365) >= 1
    assert instance.get_run_by_id(unneeded) is None
    assert [instance.get_materialized_partitions(key) for key in keys] == before
    assert {entry.dagster_event_type for entry in instance.all_logs(first_load.run_id)} == {
        dg.DagsterEventType.ASSET_MATERIALIZATION
    }
    assert forget_runs(instance, later, days=365) == 0


@pytest.mark.usefixtures("first_load")
def test_failed_runs_and_the_last_results_of_checks_stay_when_old_runs_are_forgotten(
    definitions: dg.Definitions, instance: dg.DagsterInstance, settings: Settings
) -> None:
    runs = [run_job(definitions, "verify", instance).run_id for _ in range(2)]
    failed = instance.create_run_for_job(refresh, status=dg.DagsterRunStatus.STARTED)
    instance.report_run_failed(failed, "It failed.")
    forget_runs(instance, datetime.now(UTC) + timedelta(days=4), days=365)
    assert instance.get_run_by_id(failed.run_id) is not None
    with psycopg.connect(settings.required("dagster_url")) as connection:
        kept = connection.execute("select run_id from asset_check_executions").fetchall()
    assert kept == [(runs[1],)] * 3
    instance.delete_run(failed.run_id)


@pytest.mark.usefixtures("first_load")
def test_days_that_are_not_kept_any_more_are_forgotten(
    definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    key = dg.AssetKey(["rollup", "channel_5m"])
    run_job(definitions, "refresh", instance)
    kept = {day for day in instance.get_materialized_partitions(key) if day >= str(DAYS_AGO_1)}
    forget_runs(instance, datetime.combine(TODAY, datetime.min.time(), UTC) + timedelta(days=4), days=5)
    assert kept
    assert instance.get_materialized_partitions(key) == kept


def write_messages(settings: Settings, count: int) -> None:
    with psycopg.connect(settings.required("source_url"), autocommit=True) as source:
        source.execute(
            """
            update messaging_outboundmessage set status = 'failed', error = 'Mailbox full', updated_at = now()
            where id in (select id from messaging_outboundmessage where status <> 'failed' order by id desc limit %s)
            """,
            (count,),
        )


def run_passes(
    settings: Settings, instance: dg.DagsterInstance, most: int
) -> tuple[dg.ExecuteInProcessResult, dict[str, dg.MetadataValue]]:
    """A run of the job that may make so many passes, without a pause between them; and what its output says."""
    hasty = settings.model_copy(update={"refresh_seconds": 0})
    config = dg.RunConfig(ops={"make_passes": PassesConfig(most=most)})
    job = build_definitions(hasty, TODAY).resolve_job_def("refresh")
    result = job.execute_in_process(instance=instance, run_config=config)
    (output,) = (event for event in result.all_node_events if event.is_successful_output)
    return result, dict(output.step_output_data.metadata)


@pytest.mark.usefixtures("first_load")
def test_many_passes_of_a_run_write_no_more_events_than_the_days_they_touch(
    instance: dg.DagsterInstance, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def moved(settings: Settings, _since: str) -> bool:
        write_messages(settings, 1)
        return True

    monkeypatch.setattr(watch, "moved_since", moved)
    write_messages(settings, 1)
    result, said = run_passes(settings, instance, 12)
    assert said["passes"].value == 12
    assert said["rows_changed"].value == 12
    entries = instance.all_logs(result.run_id)
    days = sum(len(days) for days in marked(instance, result.run_id).values())
    assert len(entries) <= days + 25
    table = next(
        entry.asset_materialization
        for entry in instance.all_logs(result.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
        if entry.asset_materialization and entry.asset_materialization.asset_key.path[-1] == "outbound_message"
    )
    assert table.metadata["rows_changed"].value == 12


@pytest.mark.usefixtures("first_load")
def test_passes_end_when_another_run_waits_for_the_lake(
    definitions: dg.Definitions, instance: dg.DagsterInstance, settings: Settings
) -> None:
    repository = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("pipelines"), "__repository__")
    waiting = instance.create_run_for_job(
        definitions.resolve_job_def("retention"),
        status=dg.DagsterRunStatus.QUEUED,
        remote_job_origin=RemoteJobOrigin(repository, "retention"),
    )
    try:
        _, said = run_passes(settings, instance, 5)
    finally:
        instance.delete_run(waiting.run_id)
    assert said["passes"].value == 1


@pytest.mark.usefixtures("first_load")
def test_a_run_that_is_stopped_between_two_passes_ends_well_and_marks_what_it_wrote(
    instance: dg.DagsterInstance, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_settings: Settings, _since: str) -> bool:
        signal.raise_signal(signal.SIGTERM)
        return True

    monkeypatch.setattr(watch, "moved_since", stopped)
    write_messages(settings, 1)
    result, said = run_passes(settings, instance, 5)
    assert result.success
    assert said["passes"].value == 1
    assert "raw/outbound_message" in marked(instance, result.run_id)


@pytest.mark.usefixtures("first_load")
def test_alerts_are_judged_while_a_process_makes_passes(settings: Settings) -> None:
    upgrade(settings)
    process = passes(settings, 2, gives_way=lambda: True)
    next(process)
    assert not evaluate_organizations(settings, datetime.now(UTC)).is_skipped
    assert list(process) == []


@pytest.mark.usefixtures("first_load")
def test_a_pass_that_somebody_asks_the_api_for_begins_before_its_time(settings: Settings) -> None:
    looks = iter(range(5))
    process = passes(
        settings.model_copy(update={"refresh_seconds": 3600}), 2, gives_way=lambda: next(looks, None) is None
    )
    next(process)
    with psycopg.connect(settings.required("warehouse_url"), autocommit=True) as connection:
        connection.execute("insert into directory.refresh_request values (1, now())")
        made = list(process)
        connection.execute("delete from directory.refresh_request")
    assert len(made) == 1


def test_the_retention_job_drops_what_is_too_old(new_database: Callable[[], str], tmp_path: Path) -> None:
    write_events_in_batches()
    settings = new_warehouse(new_database, tmp_path)
    with dg.DagsterInstance.ephemeral() as instance:
        assert run_job(build_definitions(settings, TODAY), "refresh", instance).success
        oldest = min(days_held(settings, "raw.provider_event"))
        assert oldest < str(DAYS_AGO_2)
        shorter = settings.model_copy(update={"raw_days": 2, "five_minute_days": 1})
        assert run_job(build_definitions(shorter, TODAY), "retention", instance).success
    assert min(days_held(settings, "raw.provider_event")) == str(DAYS_AGO_2)
    assert min(days_held(settings, "rollup.channel_5m")) == str(DAYS_AGO_1)
    assert oldest in days_held(settings, "rollup.channel_day")
