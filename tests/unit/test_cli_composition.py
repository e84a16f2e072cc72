"""What stands in for settings that are missing, and what nothing may stand in for."""

import stat
from pathlib import Path

import pytest

from cli.composition import composed, environment_of, made_home, made_key, refuse_real_source
from warehouse.errors import SettingsError
from warehouse.settings import Settings

URLS = {"source_url": "postgresql://s", "warehouse_url": "postgresql://w", "dagster_url": "postgresql://d"}


def test_a_key_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    key = made_key(tmp_path / "key")
    assert len(key.get_secret_value()) >= 48
    assert made_key(tmp_path / "key") == key
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_the_state_folder_and_the_lake_in_it_are_closed_to_others(tmp_path: Path) -> None:
    home = tmp_path / "state"
    home.mkdir(mode=0o777)
    made_home(Settings(home=home))
    assert stat.S_IMODE(home.stat().st_mode) & 0o066 == 0
    assert stat.S_IMODE((home / "lake").stat().st_mode) == 0o700


def test_with_every_database_given_nothing_is_started(tmp_path: Path) -> None:
    with composed(_settings(tmp_path, hash_key="k", **URLS)) as composition:
        assert composition.embedded == frozenset()
        assert composition.settings.required("source_url") == URLS["source_url"]
        assert composition.settings.required("lake_path") == str(tmp_path / "lake")
    assert not (tmp_path / "postgres").exists()


def test_a_given_warehouse_needs_a_given_hash_key(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="CORBI_HASH_KEY"), composed(_settings(tmp_path, **URLS)):
        pass


def test_a_child_process_finds_every_setting_as_it_is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _settings(tmp_path, hash_key="k", raw_days=12, traffic_rate=2.5, **URLS)
    environment = environment_of(settings)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"CORBI_{name.upper()}", raising=False)
    for name, value in environment.items():
        if name.startswith("CORBI_"):
            monkeypatch.setenv(name, value)
    assert Settings() == settings


def test_made_up_rows_never_reach_a_given_source(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="CORBI_SOURCE_URL is set"):
        refuse_real_source(_settings(tmp_path, **URLS))


def _settings(home: Path, **values: object) -> Settings:
    return Settings.model_validate({"home": home, **values})
