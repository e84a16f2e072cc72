"""Brings the alert store's tables to this version.

Belongs here: running Alembic from wherever the package is installed. Does not: the migrations (versions/).
A new one is written by hand: `versions/000N_<what>.py`, `down_revision` the one before.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from alerts.database import store
from alerts.model import SCHEMA
from warehouse.lake import locks
from warehouse.settings import Settings


def upgrade(settings: Settings) -> None:
    """Makes or migrates schema `alert`; one process at a time, and one look where there is nothing to do.

    Raises WarehouseUnavailableError when the server can't be reached.
    """
    config = _config()
    with store(settings) as engine, engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": locks.ALERT_MIGRATIONS})
        if _heads(connection) == ScriptDirectory.from_config(config).get_current_head():
            return
        connection.execute(text(f"create schema if not exists {SCHEMA}"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def known_revisions() -> frozenset[str]:
    """The migrations that this version has."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def _heads(connection: Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA})
    return context.get_current_revision()
