"""The composition root: from the environment's settings to settings in which nothing is missing.

Belongs here: the embedded PostgreSQL that stands in for each database that is not set, the keys that are made once,
and handing all of it to a child process. Does not: any command.
"""

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from demo.history import is_filled
from demo.postgres import EmbeddedPostgres
from warehouse.errors import SettingsError, SourceContractBrokenError, WarehouseUnavailableError
from warehouse.settings import Settings

DATABASES = {"source_url": "corbi", "warehouse_url": "warehouse", "dagster_url": "dagster"}
"""Settings that name a database, and the embedded server's database that stands in for each."""


@dataclass(frozen=True)
class Composition:
    """Complete settings, which of the databases are the embedded server's, the file of a hash key made by us, and that
    server where there is one.
    """

    settings: Settings
    embedded: frozenset[str]
    own_hash_key: Path | None
    server: EmbeddedPostgres | None = None

    @property
    def is_source_embedded(self) -> bool:
        """Whether the operational database is the demonstration's."""
        return "source_url" in self.embedded

    def revive(self) -> bool:
        """Starts the embedded server again where it has ended; whether it had."""
        return self.server is not None and self.server.revive()

    def require_source_tables(self) -> None:
        """Raises SourceContractBrokenError when the embedded operational database was never filled."""
        if self.is_source_embedded and not is_filled(self.settings.required("source_url")):
            raise SourceContractBrokenError(
                f"The embedded operational database under {self.settings.home} has no Corbi tables yet: run "
                "`corbi-monitoring demo` first, or set CORBI_SOURCE_URL to the database of Corbi."
            )


@contextmanager
def composed(settings: Settings) -> Iterator[Composition]:
    """Complete settings; the embedded server runs (or is joined) for as long as the block does, where it is needed.

    Raises SettingsError when a setting is missing that nothing can stand in for, and WarehouseUnavailableError when
    the embedded server doesn't start.
    """
    embedded = frozenset(name for name in DATABASES if getattr(settings, name) is None)
    home = made_home(settings)
    values: dict[str, object] = {
        "home": home,
        "lake_path": _lake_path(settings, home),
        "secret_key": settings.secret_key or made_key(home / "secret_key"),
        "hash_key": settings.hash_key or _own_hash_key(home, embedded),
    }
    own_hash_key = None if settings.hash_key else home / "hash_key"
    if not embedded:
        yield Composition(settings.model_copy(update=values), embedded, own_hash_key)
        return
    server = _started(home)
    try:
        urls = {name: SecretStr(server.url(DATABASES[name])) for name in embedded}
        yield Composition(settings.model_copy(update={**values, **urls}), embedded, own_hash_key, server)
    finally:
        server.stop()


def refuse_real_source(settings: Settings) -> None:
    """Raises SettingsError when the operational database is not the embedded one: made-up rows must never reach it."""
    if settings.source_url is not None:
        raise SettingsError(
            "CORBI_SOURCE_URL is set, and the demonstration writes made-up rows: it does so only on the embedded "
            "database. Unset CORBI_SOURCE_URL, or load the database it names with `corbi-monitoring refresh`."
        )


def made_home(settings: Settings) -> Path:
    """The state folder, absolute, made if it is not there. Raises SettingsError when it can't be written to."""
    home = settings.home.expanduser().resolve()
    try:
        home.mkdir(parents=True, exist_ok=True)
        _close_to_others(home)
    except OSError as error:
        raise SettingsError(f"The state folder can't be made: {error}. Set CORBI_HOME to a folder of yours.") from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise SettingsError(f"The state folder {home} can't be written to: set CORBI_HOME to a folder of yours.")
    return home


def _close_to_others(home: Path) -> None:
    """Keys and every organization's figures are in it. Started by root, the embedded server runs as another user."""
    owner = os.geteuid()
    if home.stat().st_uid == owner:
        home.chmod(0o711 if owner == 0 else 0o700)
        lake = home / "lake"
        lake.mkdir(exist_ok=True)
        if lake.stat().st_uid == owner:
            lake.chmod(0o700)


def made_key(path: Path) -> SecretStr:
    """The key in a file that only its owner reads, made at random when there is none."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return SecretStr(path.read_text().strip())
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48) + "\n")
    return SecretStr(path.read_text().strip())


def environment_of(settings: Settings) -> dict[str, str]:
    """This process's environment with every setting in it: a child process finds all as it is here."""
    prefix = str(settings.model_config.get("env_prefix", ""))
    values = {name: getattr(settings, name) for name in type(settings).model_fields}
    return dict(os.environ) | {
        f"{prefix}{name}".upper(): value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in values.items()
        if value is not None
    }


def _lake_path(settings: Settings, home: Path) -> str:
    """Absolute, since the lake's catalog remembers it and commands start in any folder."""
    given = settings.lake_path or str(home / "lake")
    return given if "://" in given else str(Path(given).expanduser().resolve())


def _own_hash_key(home: Path, embedded: frozenset[str]) -> SecretStr:
    if "warehouse_url" not in embedded and not (home / "hash_key").exists():
        raise SettingsError(
            "CORBI_HASH_KEY is not set although CORBI_WAREHOUSE_URL is: whoever writes to one warehouse must use one "
            "key. Set it to a long random text, the same on every machine, and keep it."
        )
    return made_key(home / "hash_key")


def _started(home: Path) -> EmbeddedPostgres:
    try:
        return EmbeddedPostgres(home).start()
    except (OSError, subprocess.SubprocessError) as error:
        raise WarehouseUnavailableError(
            f"The embedded PostgreSQL in {home / 'postgres'} doesn't start: {error}. Its log is "
            f"{home / 'postgres' / 'log'}. To use a server of yours set CORBI_WAREHOUSE_URL and CORBI_DAGSTER_URL."
        ) from error
