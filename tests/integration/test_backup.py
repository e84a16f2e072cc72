"""Backups are of one moment while passes go on, and are restored at any place: all of one, or nothing."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from alerts.database import store
from alerts.migrations import known_revisions, upgrade
from demo.history import fill
from tests.integration.alert_ground import an_alert, history
from tests.integration.command_line import CommandLine
from tests.integration.conftest import SECRET_KEY, new_warehouse
from tests.integration.lake_content import content
from tests.integration.lake_damage import damage, live_file
from tests.integration.platform_writer import PlatformWriter, open_connection, utc_now
from warehouse.backup import backup, check, restore
from warehouse.backup.manifest import Manifest, read_manifest
from warehouse.backup.places import Folder
from warehouse.errors import BackupError, LakeDamagedError, WarehouseBusyError, WouldLoseError
from warehouse.lake.compaction import compact
from warehouse.lake.connection import files_lock
from warehouse.refresh import refresh, writing_lake
from warehouse.settings import Settings
from warehouse.verify import verify

REVISIONS = known_revisions()


@pytest.fixture(scope="module")
def warehouse(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A short history, of which every layer keeps a part, loaded; and an alert."""
    home = tmp_path_factory.mktemp("backed-up")
    settings = new_warehouse(new_database, home, raw_days=2, five_minute_days=3, hourly_days=3, daily_days=4)
    fill(settings.required("source_url"), messages=200, seed=3, now=utc_now(), days=6)
    refresh(settings)
    upgrade(settings)
    with store(settings) as engine:
        an_alert(engine, subject="before the backup")
    return settings


@pytest.fixture(scope="module")
def target(warehouse: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one backup."""
    folder = tmp_path_factory.mktemp("target") / "backups"
    backup(warehouse, str(folder))
    return folder


@pytest.fixture
def copy_of_target(target: Path, tmp_path: Path) -> Path:
    """The same, to be damaged."""
    return Path(shutil.copytree(target, tmp_path / "copy"))


@pytest.fixture
def elsewhere(warehouse: Settings, new_database: Callable[[], str], tmp_path: Path) -> Settings:
    """The same source, an empty database, a lake path that isn't there yet."""
    settings = warehouse.model_dump() | {
        "home": tmp_path / "home", "warehouse_url": new_database(), "lake_path": str(tmp_path / "other" / "lake"),
    }  # fmt: skip
    return Settings.model_validate(settings)


def write_a_message(settings: Settings) -> None:
    with open_connection(settings.required("source_url"), autocommit=True) as source:
        PlatformWriter(source, utc_now()).outbound(1, "email", timedelta(0))


def pass_and_tidy(settings: Settings) -> int:
    """A pass that changes rows, and a compaction that leaves readers no time; gives how many files were removed."""
    write_a_message(settings)
    refresh(settings)
    with writing_lake(settings) as lake:
        return compact(lake, settings.model_copy(update={"expire_grace_seconds": 0})).removed


def tables(settings: Settings) -> int:
    with psycopg.connect(settings.required("warehouse_url")) as connection:
        query = "select count(*) from pg_tables where schemaname in ('public', 'storage', 'directory', 'alert')"
        return int(connection.execute(query).fetchall()[0][0])


def assert_untouched(settings: Settings) -> None:
    assert tables(settings) == 0
    assert not Path(settings.required("lake_path")).exists()


def manifests(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/manifest.json"))


def changed(folder: Path, change: Callable[[Manifest], Manifest]) -> None:
    """Writes the list of contents of the one backup anew."""
    (path,) = manifests(folder)
    path.write_text(change(Manifest.model_validate_json(path.read_bytes())).model_dump_json())


def test_what_was_backed_up_amid_passes_is_restored_elsewhere_and_a_pass_goes_on(
    warehouse: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    before, removed = content(warehouse), []

    def meanwhile(line: str) -> None:
        if "PostgreSQL dumped" in line:
            removed.append(pass_and_tidy(warehouse))

    report = backup(warehouse, str(tmp_path / "target"), meanwhile)
    assert removed == [0]
    assert pass_and_tidy(warehouse) > 0
    with store(warehouse) as engine:
        an_alert(engine, subject="after the backup")
    restore(elsewhere, str(tmp_path / "target"), alert_revisions=REVISIONS)
    assert content(elsewhere) == before
    assert content(warehouse) != before
    with store(elsewhere) as engine:
        (event,) = history(engine, 1)
        assert event.reason == "breached"
        assert history(engine, 2) == []
        assert an_alert(engine, subject="the next") == 2
    assert report.manifest.versions.alerts in REVISIONS
    write_a_message(elsewhere)
    assert refresh(elsewhere).extract.changed > 0
    pass_and_tidy(elsewhere)
    assert verify(elsewhere).differences == ()


def test_the_next_backup_copies_what_is_new_and_the_newest_stay(warehouse: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "target"
    first = backup(warehouse, str(folder), keep=2)
    again = backup(warehouse, str(folder), keep=2)
    assert first.copied_files == len(first.manifest.files)
    assert (again.copied_files, again.removed) == (0, ())
    pass_and_tidy(warehouse)
    third = backup(warehouse, str(folder), keep=2)
    assert 0 < third.copied_files < len(third.manifest.files)
    assert third.removed == (first.manifest.name,)
    for name in (again.manifest.name, third.manifest.name):
        assert check(warehouse, str(folder), name=name, alert_revisions=REVISIONS).name == name
    last = backup(warehouse, str(folder), keep=1)
    kept = {one.path for one in last.manifest.contents} | {f"{last.manifest.name}/manifest.json"}
    assert set(Folder(str(folder), is_private=True).sizes()) == kept


def test_nobody_else_reads_a_backup(target: Path) -> None:
    (made,) = manifests(target)
    assert {path.stat().st_mode & 0o077 for path in (target, target / "files", made.parent, made)} == {0}


@pytest.mark.parametrize("at", ["files/raw", "database.dump", "manifest.json"])
def test_a_backup_that_was_killed_is_none_and_the_next_tidies_up(
    warehouse: Settings, copy_of_target: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    (older,) = manifests(copy_of_target)
    write_a_message(warehouse)
    refresh(warehouse)

    def killed(self: Path, into: Path) -> Path:
        if at in str(into):
            raise KeyboardInterrupt
        return Path(self.rename(into))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            backup(warehouse, str(copy_of_target))
    assert list(copy_of_target.rglob("partial-*"))
    assert manifests(copy_of_target) == [older]
    assert check(warehouse, str(copy_of_target), alert_revisions=REVISIONS).name == older.parent.name
    made = backup(warehouse, str(copy_of_target)).manifest
    assert list(copy_of_target.rglob("partial-*")) == []
    assert {path.name for path in copy_of_target.iterdir()} == {"files", older.parent.name, made.name}


def test_of_two_backups_at_once_the_second_waits(warehouse: Settings) -> None:
    with files_lock(warehouse, wait_seconds=0), pytest.raises(WarehouseBusyError, match="A backup"):  # noqa: SIM117
        with files_lock(warehouse, wait_seconds=0):
            pass


def test_a_damaged_lake_is_not_backed_up(warehouse: Settings, tmp_path: Path) -> None:
    path = live_file(warehouse, "rollup.channel_day")
    whole = path.read_bytes()
    for kind, told in {"deleted": "is missing", "page": "is not what was written"}.items():
        damage(path, kind)
        with pytest.raises(LakeDamagedError, match=rf"{path.name} {told}.*corbi-monitoring repair"):
            backup(warehouse, str(tmp_path / "target"))
        path.write_bytes(whole)
    assert manifests(tmp_path / "target") == []


def test_a_place_that_can_not_hold_a_backup_is_named(
    warehouse: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BackupError, match="among the lake's own files"):
        backup(warehouse, f"{warehouse.required('lake_path')}/backups")
    (tmp_path / "file").write_text("")
    with pytest.raises(BackupError, match=f"{tmp_path}/file can't be read: Not a directory"):
        backup(warehouse, str(tmp_path / "file"))
    monkeypatch.setattr(Folder, "free", lambda self: 1_000)
    with pytest.raises(BackupError, match="and 1,000 are free"):
        backup(warehouse, str(tmp_path / "target"))
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize("kind", ["deleted", "truncated", "page"])
@pytest.mark.parametrize("which", ["files/raw/**/*.parquet", "files/meta/state/*", "*/database.dump"])
def test_a_backup_that_is_not_whole_touches_nothing(
    elsewhere: Settings, copy_of_target: Path, which: str, kind: str
) -> None:
    path = next(copy_of_target.glob(which))
    damage(path, kind)
    with pytest.raises(BackupError, match=f"{path.name} is (missing|damaged)"):
        restore(elsewhere, str(copy_of_target), alert_revisions=REVISIONS)
    assert_untouched(elsewhere)


@pytest.mark.parametrize("kind", ["deleted", "truncated", "zero-length"])
def test_without_a_list_of_contents_there_is_no_backup(elsewhere: Settings, copy_of_target: Path, kind: str) -> None:
    damage(manifests(copy_of_target)[0], kind)
    with pytest.raises(BackupError, match=r"There is no complete backup in|manifest\.json is damaged"):
        restore(elsewhere, str(copy_of_target), alert_revisions=REVISIONS)
    assert_untouched(elsewhere)


NEWER: dict[str, Callable[[Manifest], Manifest]] = {
    "the form": lambda made: made.model_copy(update={"format": 2}),
    "the lake": lambda made: made.model_copy(update={"versions": made.versions.model_copy(update={"layout": 99})}),
    "the alerts": lambda made: made.model_copy(update={"versions": made.versions.model_copy(update={"alerts": "99"})}),
    "DuckDB": lambda made: made.model_copy(update={"versions": made.versions.model_copy(update={"duckdb": (99, 0)})}),
}


@pytest.mark.parametrize("what", NEWER)
def test_what_a_newer_version_made_is_refused(elsewhere: Settings, copy_of_target: Path, what: str) -> None:
    changed(copy_of_target, NEWER[what])
    with pytest.raises(BackupError, match=r"newer version .*install that version"):
        restore(elsewhere, str(copy_of_target), alert_revisions=REVISIONS)
    assert_untouched(elsewhere)


def test_a_backup_that_is_not_there_is_told_by_those_that_are(elsewhere: Settings, target: Path) -> None:
    (made,) = manifests(target)
    check(elsewhere, str(target), alert_revisions=REVISIONS)
    assert_untouched(elsewhere)
    with pytest.raises(BackupError, match=f"no complete backup 2020 in .*, but: {made.parent.name}"):
        restore(elsewhere, str(target), name="2020", alert_revisions=REVISIONS)


def test_another_hash_key_is_refused(elsewhere: Settings, target: Path) -> None:
    other = Settings.model_validate(elsewhere.model_dump() | {"hash_key": "another"})
    with pytest.raises(BackupError, match="another CORBI_HASH_KEY"):
        restore(other, str(target), alert_revisions=REVISIONS)
    assert_untouched(other)


def test_where_there_is_no_room_the_database_stays_empty(
    elsewhere: Settings, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Folder, "free", lambda self: 1_000)
    with pytest.raises(BackupError, match="and 1,000 are free"):
        restore(elsewhere, str(target), alert_revisions=REVISIONS)
    assert_untouched(elsewhere)


def test_a_warehouse_that_is_there_is_replaced_where_that_is_meant_and_in_one_step(
    elsewhere: Settings, target: Path
) -> None:
    restore(elsewhere, str(target), alert_revisions=REVISIONS)
    restored = content(elsewhere)
    write_a_message(elsewhere)
    refresh(elsewhere)
    before = content(elsewhere)
    with pytest.raises(WouldLoseError, match=r"holds a warehouse, and CORBI_LAKE_PATH=.* files of a lake.*--yes"):
        restore(elsewhere, str(target), alert_revisions=REVISIONS)
    with psycopg.connect(elsewhere.required("warehouse_url"), autocommit=True) as connection:
        connection.execute("create view in_use as select * from public.ducklake_snapshot")
        with pytest.raises(BackupError, match=r"psql failed: .*cannot drop table"):
            restore(elsewhere, str(target), alert_revisions=REVISIONS, may_replace=True)
        assert content(elsewhere) == before
        connection.execute("drop view in_use")
    assert restore(elsewhere, str(target), alert_revisions=REVISIONS, may_replace=True).copied_files == 0
    assert content(elsewhere) == restored != before


def test_the_commands_carry_the_key_that_was_made_by_us(
    warehouse: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    def command(settings: Settings, home: Path) -> CommandLine:
        home.mkdir(exist_ok=True, parents=True)
        named = {"source_url", "warehouse_url", "lake_path"}
        return CommandLine(
            home,
            {f"CORBI_{name.upper()}": settings.required(name) for name in named}
            | {"CORBI_DAGSTER_URL": settings.required("warehouse_url"), "CORBI_SECRET_KEY": SECRET_KEY},
        )

    there, here = command(warehouse, tmp_path / "there"), command(elsewhere, tmp_path / "here")
    (there.home / "hash_key").write_text("k\n")
    (here.home / "hash_key").write_text("of a command that was run here\n")
    target = str(tmp_path / "target")
    made = there.document("backup", target)
    assert made["has_hash_key"]
    assert read_manifest(Folder(target, is_private=True), made["name"]).hash_key != "k"
    assert "restored: " in here.succeed("restore", target)
    assert (here.home / "hash_key").read_text() == "k\n"
    assert (here.home / "hash_key").stat().st_mode & 0o777 == 0o600
    (here.home / "hash_key").write_text("of another warehouse\n")
    assert "was made with another key" in here.fail("restore", target, "--yes")
