"""Files of the lake that were lost or changed after they were written: they are seen, named and mended."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from api.access.identity import issue_token
from demo.history import fill
from demo.people import ADMIN_USER_ID
from tests.integration.command_line import CommandLine
from tests.integration.conftest import SECRET_KEY, api_client, new_warehouse
from tests.integration.lake_content import content
from tests.integration.lake_damage import KINDS, SEEN_BY_SIZE, damage, every_live_file, live_file
from tests.integration.platform_writer import PlatformWriter, open_connection, utc_now
from warehouse.doctor import check_stored_rows
from warehouse.errors import LakeDamagedError, SourceUnavailableError, WarehouseUnavailableError
from warehouse.lake.compaction import compact
from warehouse.lake.connection import open_lake
from warehouse.lake.damage import noted_damage
from warehouse.lake.files import find_damage, look_for_damage
from warehouse.refresh import refresh, writing_lake
from warehouse.reload import reload
from warehouse.repair import repair
from warehouse.settings import Settings
from warehouse.verify import rollups_equal_raw, verify

RECORDED = "select count(*) from storage.file"


@pytest.fixture(scope="module")
def warehouse(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A history of 60 days, of which every layer keeps a part, loaded."""
    home = tmp_path_factory.mktemp("damage")
    settings = new_warehouse(new_database, home, raw_days=10, five_minute_days=20, hourly_days=20, daily_days=40)
    fill(settings.required("source_url"), messages=2_000, seed=3, now=utc_now(), days=60)
    refresh(settings)
    return settings


def found(settings: Settings, *, deep: bool) -> list[str]:
    with open_lake(settings, read_only=True) as lake:
        return [one.path for one in find_damage(lake, settings, deep=deep)]


def assert_as_before(settings: Settings, before: dict[str, tuple[object, ...] | None]) -> None:
    """Nothing is damaged or noted to be, and every table has the rows it had."""
    assert found(settings, deep=True) == []
    assert noted_damage(settings) == []
    assert content(settings) == before


def assert_whole(settings: Settings, before: dict[str, tuple[object, ...] | None]) -> None:
    """The same, and these rows are the source's."""
    assert_as_before(settings, before)
    assert verify(settings).differences == ()
    assert rollups_equal_raw(settings) == ()


def ask(settings: Settings, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(settings.required("warehouse_url")) as connection:
        return connection.execute(query.encode()).fetchall()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("table", ["raw.provider_event", "rollup.channel_5m", "rollup.channel_day", "meta.state"])
def test_the_doctor_names_every_damaged_file(warehouse: Settings, table: str, kind: str) -> None:
    path = live_file(warehouse, table)
    whole = path.read_bytes()
    damage(path, kind)
    name = str(path.relative_to(warehouse.required("lake_path")))
    assert found(warehouse, deep=True) == [name]
    assert found(warehouse, deep=False) == ([name] if kind in SEEN_BY_SIZE else [])
    (finding,) = check_stored_rows(warehouse, datetime.now(UTC), deep=True)
    assert finding.is_problem
    assert name in finding.text
    path.write_bytes(whole)
    (finding,) = check_stored_rows(warehouse, datetime.now(UTC), deep=True)
    assert not finding.is_problem


@pytest.mark.parametrize("left", [None, b"PAR1" + bytes(400) + b"PAR1"])
@pytest.mark.parametrize("table", ["raw.whatsapp_message", "rollup.channel_day", "meta.state"])
def test_whoever_needs_a_file_that_cannot_be_read_names_it(warehouse: Settings, table: str, left: bytes | None) -> None:
    path = live_file(warehouse, table)
    whole = path.read_bytes()
    path.unlink()
    if left is not None:
        path.write_bytes(left)
    name = str(path.relative_to(warehouse.required("lake_path")))
    for read in (verify, rollups_equal_raw):
        with pytest.raises(LakeDamagedError, match="corbi-monitoring repair") as raised:
            read(warehouse)
        assert name in str(raised.value)
    assert [one.path for one in noted_damage(warehouse)] == [name]
    path.write_bytes(whole)
    look_for_damage(warehouse)


def test_the_api_answers_503_where_files_are_missing(warehouse: Settings) -> None:
    headers = {"Authorization": f"Bearer {issue_token(SECRET_KEY, ADMIN_USER_ID)}"}
    rollups = Path(warehouse.required("lake_path")) / "rollup"
    away = rollups.rename(rollups.with_name("away"))
    with api_client(warehouse) as client:
        answer = client.get("/api/metrics/", headers=headers)
        assert answer.status_code == 503
        assert "`corbi-monitoring repair` mends it" in answer.get_json()["detail"]
        assert str(warehouse.home) not in answer.get_json()["detail"]
        away.rename(rollups)
        assert client.get("/api/metrics/", headers=headers).status_code == 200


def test_readiness_says_which_files_are_known_to_be_damaged(warehouse: Settings) -> None:
    path = live_file(warehouse, "raw.whatsapp_message")
    whole = path.read_bytes()
    path.unlink()
    look_for_damage(warehouse)
    with api_client(warehouse) as client:
        ready = client.get("/readyz").get_json()
        assert ready["damaged_files"] == 1
        assert ready["first_damaged"] == f"{path.relative_to(warehouse.required('lake_path'))} is missing"
        path.write_bytes(whole)
        look_for_damage(warehouse)
        assert client.get("/readyz").get_json()["damaged_files"] == 0


def test_no_command_shows_a_traceback(warehouse: Settings) -> None:
    named = ("source_url", "warehouse_url", "lake_path", "hash_key", "raw_days", "five_minute_days", "hourly_days")
    command = CommandLine(
        warehouse.home,
        {f"CORBI_{name.upper()}": warehouse.required(name) for name in named[:4]}
        | {f"CORBI_{name.upper()}": str(getattr(warehouse, name)) for name in (*named[4:], "daily_days")}
        | {"CORBI_DAGSTER_URL": warehouse.required("warehouse_url"), "CORBI_SECRET_KEY": SECRET_KEY},
    )
    before, path = content(warehouse), live_file(warehouse, "meta.state")
    damage(path, "truncated")
    day = str(utc_now().date())
    for arguments in (
        ("refresh",), ("verify",), ("backfill", "--from", day, "--to", day), ("retention",), ("alerts", "evaluate"),
    ):  # fmt: skip
        assert path.name in command.fail(*arguments)
    assert f"PROBLEM  lake rows: meta/state/{path.name} has " in command.run("doctor").stdout
    assert f"written anew from its copy: meta/state/{path.name}" in command.succeed("repair")
    assert_whole(warehouse, before)
    assert command.succeed("repair") == "No file is damaged.\n"


def test_what_a_killed_pass_wrote_is_recorded_by_the_next(warehouse: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_connection(warehouse.required("source_url"), autocommit=True) as source:
        PlatformWriter(source, utc_now()).outbound(1, "email", timedelta(0))
    monkeypatch.setattr("warehouse.refresh.record_files", lambda *_: 0)
    refresh(warehouse)
    monkeypatch.undo()
    path = live_file(warehouse, "meta.state")
    whole = path.read_bytes()
    damage(path, "page")
    assert found(warehouse, deep=True) == []
    path.write_bytes(whole)
    with writing_lake(warehouse):
        pass
    damage(path, "page")
    assert found(warehouse, deep=True) == [str(path.relative_to(warehouse.required("lake_path")))]
    path.write_bytes(whole)


def test_files_that_the_lake_has_no_more_are_forgotten(warehouse: Settings) -> None:
    refresh(warehouse)
    live = "select count(*) from ducklake_{}_file where end_snapshot is null"
    ((files,),), ((deletes,),) = (ask(warehouse, live.format(kind)) for kind in ("data", "delete"))
    assert isinstance(files, int)
    assert isinstance(deletes, int)
    assert ask(warehouse, RECORDED) == [(files + deletes,)]


def test_a_disk_that_is_not_mounted_is_no_damage(warehouse: Settings) -> None:
    lake = Path(warehouse.required("lake_path"))
    away = lake.rename(lake.with_name("away"))
    (finding,) = check_stored_rows(warehouse, datetime.now(UTC))
    assert finding.text.startswith("None of the lake's ")
    away.rename(lake)


@pytest.mark.parametrize(
    ("table", "kind", "is_merged"),
    [
        (table, kind, (number + other) % 2 == 0)
        for other, table in enumerate(("raw.provider_event", "rollup.channel_5m"))
        for number, kind in enumerate(KINDS)
    ],
)
def test_a_damaged_file_is_mended_and_nothing_else_changes(
    warehouse: Settings, table: str, kind: str, is_merged: bool
) -> None:
    day = utc_now().date() - timedelta(days=2)
    with open_connection(warehouse.required("source_url"), autocommit=True) as source:
        PlatformWriter(source, utc_now()).callback(1, "whatsapp", timedelta(days=2))
    refresh(warehouse)
    if is_merged:
        with writing_lake(warehouse) as lake:
            compact(lake, warehouse)
    before = content(warehouse)
    path = live_file(warehouse, table, day)
    damage(path, kind)
    report = repair(warehouse)
    assert [(one.table, one.first_day, one.last_day) for one in report.recomputed] == [(table, day, day)]
    assert (report.copied, report.lost, report.trouble) == ((), (), "")
    assert_as_before(warehouse, before)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_files_are_damaged_all_is_as_it_was(warehouse: Settings, seed: int) -> None:
    refresh(warehouse)
    before, chosen = content(warehouse), random.Random(seed)
    paths = every_live_file(warehouse)
    for path in chosen.sample(paths, len(paths) // 3):
        damage(path, chosen.choice(list(KINDS)))
    report = repair(warehouse)
    assert report.copied
    assert report.lost == ()
    assert_whole(warehouse, before)


def test_a_lake_whose_every_table_lost_a_file_is_mended(warehouse: Settings) -> None:
    before = content(warehouse)
    for table, rows in before.items():
        if rows and rows[0]:
            damage(live_file(warehouse, table), "deleted")
    damage(live_file(warehouse, "meta.state"), "deleted")
    repair(warehouse)
    assert_whole(warehouse, before)


def test_a_repair_that_was_interrupted_is_known_and_goes_on(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(warehouse)
    damage(live_file(warehouse, "raw.outbound_message"), "deleted")
    unreachable = warehouse.model_copy(update={"source_url": SecretStr("postgresql://127.0.0.1:1/nothing")})
    with pytest.raises(SourceUnavailableError):
        repair(unreachable)
    assert len(found(warehouse, deep=False)) == 1
    with monkeypatch.context() as patched:
        patched.setattr("warehouse.repair.reading_source", killed)
        with pytest.raises(KeyboardInterrupt):
            repair(warehouse)
    assert content(warehouse) != before
    look_for_damage(warehouse)
    (finding,) = check_stored_rows(warehouse, datetime.now(UTC))
    assert finding.is_problem
    assert "A repair was interrupted" in str(finding.advice)
    refresh(warehouse)
    assert [one.table for one in repair(warehouse).recomputed] == ["raw.outbound_message"]
    assert_whole(warehouse, before)


def killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_day_that_the_source_has_no_more_is_named_as_lost(warehouse: Settings) -> None:
    with writing_lake(warehouse) as lake:
        compact(lake, warehouse)
    day = utc_now().date() - timedelta(days=30)
    condition = f"where (created_at at time zone 'UTC')::date = '{day}'"
    with open_connection(warehouse.required("source_url"), autocommit=True) as source:
        gone = source.execute(f"delete from messaging_whatsappmessage {condition}".encode()).rowcount
    assert gone > 0
    damage(live_file(warehouse, "rollup.channel_day"), "truncated")
    report = repair(warehouse)
    (lost,) = report.lost
    assert lost.startswith(f"{day}: {gone} of {gone} rows of messaging_whatsappmessage")
    assert_whole(warehouse, content(warehouse))


def test_rows_that_nothing_else_has_are_named_as_lost_where_there_is_no_copy(warehouse: Settings) -> None:
    drop_copies(warehouse, "rollup.failure_lifetime")
    before = content(warehouse)
    damage(live_file(warehouse, "rollup.failure_lifetime"), "page")
    (lost,) = repair(warehouse).lost
    assert lost.startswith("rollup.failure_lifetime: rows with the sums of days before ")
    assert content(warehouse) == {**before, "rollup.failure_lifetime": (0, None)}
    drop_copies(warehouse, "meta.state")
    damage(live_file(warehouse, "meta.state"), "deleted")
    with pytest.raises(WarehouseUnavailableError, match="refresh --reload"):
        repair(warehouse)
    reload(warehouse)
    assert_whole(warehouse, content(warehouse))


def drop_copies(settings: Settings, table: str) -> None:
    with psycopg.connect(settings.required("warehouse_url")) as connection:
        connection.execute(
            "update storage.file set content = null where path like %s", (f"{table.replace('.', '/')}/%",)
        )
