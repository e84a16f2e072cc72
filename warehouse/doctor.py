"""Looks at everything the system stands on and says what is wrong and what to do.

Belongs here: one check a part (software, operational database, the warehouse's PostgreSQL, Dagster's, lake files and
what they hold, failure rules, state of the warehouse); none of them changes anything. Does not: how findings are shown
(cli/).
"""

import os
import platform
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import psycopg

from warehouse.errors import CorbiError, SettingsError, WarehouseEmptyError
from warehouse.failure_reasons import load_rules
from warehouse.lake.connection import connect_warehouse, open_duckdb, open_lake, source_attached
from warehouse.lake.damage import MEND, noted_damage
from warehouse.lake.files import find_damage
from warehouse.lake.trouble import reason
from warehouse.settings import Settings
from warehouse.source.snapshot import MINIMUM_SERVER_VERSION, contract_problems
from warehouse.source.tables import SOURCE_TABLES
from warehouse.status import Status, read_status

STALE_AFTER = timedelta(minutes=15)
"""Age of `as_of` from which something must be wrong: a quiet source is read every ten minutes too."""

_CAN_WRITE = """
    select coalesce(bool_or(has_table_privilege(c.oid, 'insert, update, delete, truncate')), false)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = %s and c.relkind in ('r', 'p')
"""

_LEAST_SECONDS = {
    "statement_timeout": 900,
    "idle_in_transaction_session_timeout": 900,
    "transaction_timeout": 3600,
}
"""Limits of a session, and from when on a pass has enough time; 0 is none."""

_LIMITS = """
    select name, reset_val::float / 1000, current_user::text from pg_settings where name = any(%s)
"""
_WIDER = """
    select table_name::text, column_name::text, data_type::text
    from information_schema.columns
    where table_schema = %s and (table_name::text, column_name::text) in (select * from unnest(%s::text[], %s::text[]))
        and data_type in ('bigint', 'numeric')
"""


@dataclass(frozen=True)
class Finding:
    """What was found in one part; a problem has an advice."""

    part: str
    text: str
    advice: str | None = None

    @property
    def is_problem(self) -> bool:
        """Whether something must be done."""
        return self.advice is not None


Check = Callable[[Settings, datetime], Iterator[Finding]]


def examine(settings: Settings, now: datetime, checks: tuple[Check, ...]) -> list[Finding]:
    """What the checks find, in their order. `now` is UTC-aware; every setting that names a database must be set."""
    return [finding for check in checks for finding in check(settings, now)]


def check_software(settings: Settings, _now: datetime) -> Iterator[Finding]:
    """Python, DuckDB and its extensions, which must come from the installed packages."""
    part = "software"
    try:
        with open_duckdb(settings) as database:
            rows = database.execute(
                "select extension_name, extension_version from duckdb_extensions() "
                "where loaded and install_mode <> 'STATICALLY_LINKED' order by all"
            ).fetchall()
    except (ImportError, StopIteration, duckdb.Error) as error:
        yield Finding(
            part,
            f"DuckDB {duckdb.__version__} can't load its extensions: {error}",
            "Install the locked requirements anew (`make demo` or `pip install --require-hashes -r requirements.txt`).",
        )
        return
    extensions = ", ".join(f"{name} {version}".strip() for name, version in rows)
    yield Finding(part, f"Python {platform.python_version()}, DuckDB {duckdb.__version__} with {extensions}")


def check_source(settings: Settings, _now: datetime) -> Iterator[Finding]:
    """The operational database: reachable, new enough, readable, and better not writable."""
    part = "operational database"
    try:
        with psycopg.connect(settings.required("source_url"), connect_timeout=10) as source:
            source.execute("set statement_timeout = 0")
            version = source.info.server_version
            row = source.execute("select current_user, pg_is_in_recovery()").fetchone()
            role, is_replica = row if row else ("?", False)
            writes = source.execute(_CAN_WRITE, (settings.source_schema,)).fetchone()
    except psycopg.Error as error:
        yield Finding(
            part,
            f"can't be reached: {reason(error)}",
            "Check that it runs and that CORBI_SOURCE_URL's host, port, database, user and password are right.",
        )
        return
    where = f"PostgreSQL {version // 10_000}{' (a replica)' if is_replica else ''}, role {role}"
    if version < MINIMUM_SERVER_VERSION:
        yield Finding(part, where, "Upgrade it: PostgreSQL 13 is the oldest that can be read.")
        return
    rights = "which may also write; one that can only SELECT is enough" if writes and writes[0] else "which only reads"
    yield Finding(part, f"{where}, {rights}")
    yield from _limits(settings, part)
    yield from _contract(settings, part)


def check_warehouse(settings: Settings, _now: datetime) -> Iterator[Finding]:
    """The warehouse's own PostgreSQL: reachable, and objects may be made in it."""
    part = "warehouse PostgreSQL"
    try:
        with connect_warehouse(settings) as connection:
            yield _owner(connection, part, "CORBI_WAREHOUSE_URL", needs_schemas=True)
    except CorbiError as error:
        yield Finding(part, str(error), "Check that it runs and that CORBI_WAREHOUSE_URL is right.")


def check_dagster(settings: Settings, _now: datetime) -> Iterator[Finding]:
    """Dagster's storage: reachable, and tables may be made in it."""
    part = "Dagster storage"
    try:
        with psycopg.connect(settings.required("dagster_url"), connect_timeout=10) as connection:
            yield _owner(connection, part, "CORBI_DAGSTER_URL", needs_schemas=False)
    except psycopg.Error as error:
        yield Finding(
            part, f"can't be reached: {reason(error)}", "Check that it runs and that CORBI_DAGSTER_URL is right."
        )


def check_lake_files(settings: Settings, _now: datetime) -> Iterator[Finding]:
    """Where the lake's files are: a folder must be writable, an object store must answer."""
    part = "lake files"
    path = settings.required("lake_path")
    if path.startswith("s3://"):
        yield _object_store(settings, part, path)
        return
    folder = Path(path)
    there = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            free = os.statvfs(there)
    except OSError as error:
        yield Finding(
            part, f"{path} can't be written to: {error.strerror}", f"Give this user the right to write {there}."
        )
        return
    gibibytes = free.f_bavail * free.f_frsize / 2**30
    if gibibytes < 1:
        yield Finding(part, f"{path}: only {gibibytes:.1f} GiB left", "Make room: compaction needs some to work with.")
    else:
        yield Finding(part, f"{path} is writable, {gibibytes:,.0f} GiB left")


def check_stored_rows(settings: Settings, _now: datetime, *, deep: bool = False) -> Iterator[Finding]:
    """Whether the lake's files are there as they were written: by their sizes; with `deep` by their checksums too."""
    part = "lake rows"
    try:
        with open_lake(settings, read_only=True) as lake:
            found = find_damage(lake, settings, deep=deep)
        begun = [damage for damage in noted_damage(settings) if damage.is_forgotten]
    except WarehouseEmptyError:
        return
    except CorbiError as error:
        yield Finding(part, str(error), "See the findings above.")
        return
    for damage in found:
        yield Finding(part, str(damage), f"{MEND[0].upper()}{MEND[1:]}: it says what it can't get back.")
    for damage in begun:
        yield Finding(part, f"what {damage.path} held is not there again", f"A repair was interrupted: {MEND} again.")
    if not found and not begun:
        yield Finding(part, f"every file is there in its size{' and as it was written' if deep else ''}")


def check_failure_rules(settings: Settings, _now: datetime) -> Iterator[Finding]:
    """The rules that give an error text its reason: ours, and an operator's file, without which no pass succeeds."""
    part = "failure rules"
    try:
        book = load_rules(settings.failure_rules)
    except SettingsError as error:
        yield Finding(part, str(error), "Correct the file, or unset CORBI_FAILURE_RULES: until then every pass fails.")
        return
    own = f", those of {settings.failure_rules} first" if settings.failure_rules else ""
    yield Finding(part, f"{len(book.rules)} rules{own}")


def check_state(settings: Settings, now: datetime) -> Iterator[Finding]:
    """How far the warehouse has come, and whether it keeps up."""
    part = "warehouse"
    try:
        status = read_status(settings)
    except WarehouseEmptyError:
        yield Finding(part, "nothing has been loaded yet", "Run `corbi-monitoring refresh`.")
        return
    except CorbiError as error:
        yield Finding(part, str(error), "See the findings above; then run `corbi-monitoring refresh`.")
        return
    yield from _set_aside(status)
    age = now - status.as_of
    text = f"as of {status.as_of:%Y-%m-%d %H:%M:%S} UTC ({_age(age)} ago), pass {status.passes:,}"
    if age > STALE_AFTER:
        yield Finding(
            part,
            text,
            "No pass has succeeded since: start Dagster and look at its runs, or `corbi-monitoring refresh`.",
        )
    elif status.is_behind:
        yield Finding(
            part,
            f"{text}, rollups {status.passes_behind:,} passes behind, {status.pending_hours:,} hours wait"
            f"{': ' if status.rollup_trouble else ''}{status.rollup_trouble}",
            "All else is rolled up and served. Run `corbi-monitoring refresh` and read what it says; a damaged day is "
            "computed anew by `corbi-monitoring backfill`.",
        )
    else:
        yield Finding(part, text)


CHECKS: tuple[Check, ...] = (
    check_software,
    check_source,
    check_warehouse,
    check_dagster,
    check_lake_files,
    check_stored_rows,
    check_failure_rules,
    check_state,
)
"""Every check, in the order in which one stands on the other."""


def _limits(settings: Settings, part: str) -> Iterator[Finding]:
    """What the role or the columns may end a pass by, or make a row unusable by."""
    with psycopg.connect(settings.required("source_url"), connect_timeout=10) as source:
        source.execute("set statement_timeout = 0")
        encoding = source.execute("select current_setting('server_encoding')").fetchone()
        limits = source.execute(_LIMITS, (list(_LEAST_SECONDS),)).fetchall()
        types = source.execute(_WIDER, (settings.source_schema, *_declared_integers())).fetchall()
    if encoding and encoding[0] == "SQL_ASCII":
        yield Finding(part, "encoding SQL_ASCII: texts that are no UTF-8 are set aside with their rows")
    for name, seconds, role in limits:
        if 0 < seconds < _LEAST_SECONDS[name]:
            yield Finding(
                part,
                f"{name} of role {role} is {seconds:,g} s, a pass or a first load may take longer",
                f'alter role "{role}" set {name} = 0;',
            )
    for table, column, type_ in types:
        yield Finding(part, f"{table}.{column} is {type_} now: rows with a number beyond integer will be set aside")


def _declared_integers() -> tuple[list[str], list[str]]:
    pairs = [
        (table.name, column.reads[0])
        for table in SOURCE_TABLES
        for column in table.columns.values()
        if column.type == "INTEGER"
    ]
    return [table for table, _ in pairs], [column for _, column in pairs]


def _set_aside(status: Status) -> Iterator[Finding]:
    if status.set_aside:
        yield Finding(
            "rows set aside",
            f"{status.set_aside:,} rows of the operational database can't be used and are in no figure; "
            f"{status.first_set_aside}",
            "Mend or delete them there (lake.meta.set_aside names each): they are taken back by themselves.",
        )


def _contract(settings: Settings, part: str) -> Iterator[Finding]:
    try:
        with open_duckdb(settings) as database, source_attached(database, settings):
            problems = contract_problems(database, settings.source_schema)
    except (CorbiError, duckdb.Error) as error:
        yield Finding(part, f"can't be read through DuckDB: {reason(error)}", "See the findings above.")
        return
    for problem in problems:
        found, _, advice = problem.partition(": ")
        yield Finding(part, found, advice)
    if not problems:
        yield Finding(
            part, f'every table and column that is read is in schema "{settings.source_schema}", and readable'
        )


def _owner(connection: psycopg.Connection, part: str, setting: str, *, needs_schemas: bool) -> Finding:
    row = connection.execute(
        "select current_user, current_database(), has_schema_privilege('public', 'create'), "
        "has_database_privilege(current_database(), 'create')"
    ).fetchone()
    role, database, may_tables, may_schemas = row if row else ("?", "?", False, False)
    where = f"PostgreSQL {connection.info.server_version // 10_000}, database {database}, role {role}"
    if may_tables and (may_schemas or not needs_schemas):
        return Finding(part, where)
    return Finding(
        part,
        f"{where}, which may not make its objects there",
        f'Make it the owner: alter database "{database}" owner to "{role}"; or set {setting} to a database it owns.',
    )


def _object_store(settings: Settings, part: str, path: str) -> Finding:
    try:
        with open_lake(settings, read_only=True) as lake:
            lake.execute("select count(*) from glob(?)", [f"{path.rstrip('/')}/*/*"])
    except WarehouseEmptyError:
        return Finding(part, f"{path}: no lake has been made there yet")
    except (CorbiError, duckdb.Error) as error:
        return Finding(part, f"{path} can't be listed: {reason(error)}", "Check its name, endpoint and credentials.")
    return Finding(part, f"{path} answers")


def _age(age: timedelta) -> str:
    seconds = int(age.total_seconds())
    hours, minutes = seconds // 3600, seconds // 60
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min {seconds % 60} s" if minutes else f"{seconds} s"
