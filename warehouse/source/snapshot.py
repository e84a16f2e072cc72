"""The source's snapshot, and whether the source keeps its side of the contract.

Belongs here: which moment a pass sees, and the check that every table, column and right it needs is there.
Does not: reading rows (extract.py).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import duckdb

from warehouse.errors import SourceContractBrokenError, SourceResetError
from warehouse.lake.connection import Connection
from warehouse.lake.sql import quoted
from warehouse.lake.state import PipelineState
from warehouse.lake.trouble import source_trouble
from warehouse.source.tables import DIRECTORY_READS, SOURCE_TABLES

MINIMUM_SERVER_VERSION = 130_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_XID_HORIZON = 2**31 - 10_000_000  # age() of a transaction further back would wrap around


@dataclass(frozen=True)
class Snapshot:
    """One REPEATABLE READ snapshot of the operational database.

    `xmin` is the oldest transaction that was still in progress, `xmax` the first not yet begun (both xid8); `text` is
    the whole snapshot, as PostgreSQL writes it. `identity` tells one database from another under the same URL, and
    `timeline` a history that was left and taken up again (a promoted replica, a restore to a point in time).
    """

    as_of: datetime
    xmin: int
    xmax: int
    text: str = ""
    encoding: str = "UTF8"
    identity: str = ""
    timeline: int = 0

    def reaches(self, watermark: int) -> bool:
        """Whether rows written since `watermark` can be told by the age of their transaction."""
        return self.xmax - watermark < _XID_HORIZON


def source_rows(lake: Connection, query: str) -> list[tuple[object, ...]]:
    """The rows of a PostgreSQL query, read in the snapshot of the caller's transaction.

    Raises SourceUnavailableError when the read fails: a failed read is never an empty result.
    """
    try:
        return lake.execute(f"from postgres_query('src', {quoted(query)})").fetchall()
    except duckdb.Error as error:
        raise source_trouble(error) from None


def take_snapshot(lake: Connection, previous: PipelineState | None) -> Snapshot:
    """The snapshot of the caller's transaction, which this first read of `src` opens.

    Raises SourceResetError when the source is another database than the one of the `previous` pass, or its transaction
    counter is behind.
    """
    query = """
        select
            pg_snapshot_xmin(pg_current_snapshot())::text as xmin,
            pg_snapshot_xmax(pg_current_snapshot())::text as xmax,
            (extract(epoch from transaction_timestamp()) * 1000000)::bigint as as_of_us,
            current_setting('server_version_num')::int as version,
            pg_current_snapshot()::text as snapshot,
            current_setting('server_encoding') as encoding
    """
    (xmin, xmax, as_of_us, version, text, encoding) = source_rows(lake, query)[0]
    if int(str(version)) < MINIMUM_SERVER_VERSION:
        raise SourceContractBrokenError(f"The operational database runs PostgreSQL {version}; 13 or newer is needed.")
    if previous is not None and int(str(xmax)) < previous.xmax:
        raise SourceResetError(
            f"The operational database's transaction counter ({xmax}) is behind the one of the last pass "
            f"({previous.xmax}): it was restored from a backup or replaced. Load it anew with "
            "`corbi-monitoring refresh --reload`."
        )
    identity, timeline = _identity(lake)
    if previous is not None and previous.source_identity and _is_other(previous.source_identity, identity):
        raise SourceResetError(
            f"CORBI_SOURCE_URL leads to another database ({identity}) than the last pass read "
            f"({previous.source_identity}): it was restored from a backup or replaced. If it is meant, load it anew "
            "with `corbi-monitoring refresh --reload`; else correct the URL."
        )
    as_of = _EPOCH + timedelta(microseconds=int(str(as_of_us)))
    return Snapshot(
        as_of, int(str(xmin)), int(str(xmax)), text=str(text), encoding=str(encoding), identity=identity,
        timeline=timeline,
    )  # fmt: skip


def _identity(lake: Connection) -> tuple[str, int]:
    """What names a database as long as it is the same: its cluster's identifier, where it may be read, and its oid."""
    may_read = """
        select (select oid::text from pg_database where datname = current_database()) as oid,
            has_function_privilege('pg_control_system()', 'execute')
                and has_function_privilege('pg_control_checkpoint()', 'execute') as may
    """
    oid, may = source_rows(lake, may_read)[0]
    if not may:
        return f"database {oid}", 0
    control = """
        select system_identifier::text as cluster, timeline_id as timeline
        from pg_control_system(), pg_control_checkpoint()
    """
    cluster, timeline = source_rows(lake, control)[0]
    return f"cluster {cluster}, database {oid}", int(str(timeline))


def _is_other(before: str, now: str) -> bool:
    """Whether two identities differ; a cluster's identifier that can be read no more, or at last, says nothing."""
    if before.startswith("cluster") == now.startswith("cluster"):
        return before != now
    return before.rpartition("database ")[2] != now.rpartition("database ")[2]


def check_contract(lake: Connection, schema: str) -> None:
    """Checks that every table and column that is read is there and may be read.

    Raises SourceContractBrokenError naming all that is missing, and what to grant.
    """
    problems = contract_problems(lake, schema)
    if problems:
        raise SourceContractBrokenError(
            "The operational database can't be read as needed, nothing was changed:\n  - " + "\n  - ".join(problems)
        )


def contract_problems(lake: Connection, schema: str) -> list[str]:
    """What is missing in the source, a line each; empty when all is well.

    A table read by the transactions that wrote its rows needs the right to the whole table, since `xmin` is no column
    that could be granted; of the directory's tables the right to the columns read is enough.
    """
    needed = {table.name: table.reads for table in SOURCE_TABLES} | dict(DIRECTORY_READS)
    pairs = ", ".join(
        f"('{table}', '{column}', {table in DIRECTORY_READS})"
        for table, columns in needed.items()
        for column in columns
    )
    query = f"""
        select * from (
            select
                n.needed_table, n.needed_column, current_user::text as role,
                (select has_schema_privilege(oid, 'USAGE') from pg_namespace where nspname = '{schema}') as has_schema,
                c.oid is not null as has_table, a.attname is not null as has_column,
                c.oid is not null and row_security_active(c.oid) as hides_rows,
                case when n.is_directory then has_column_privilege(c.oid, a.attnum, 'SELECT')
                    else has_table_privilege(c.oid, 'SELECT') end as has_right
            from (values {pairs}) as n (needed_table, needed_column, is_directory)
            left join pg_namespace s on s.nspname = '{schema}'
            left join pg_class c on c.relnamespace = s.oid and c.relname = n.needed_table and c.relkind in ('r', 'p')
            left join pg_attribute a
                on a.attrelid = c.oid and a.attname = n.needed_column and a.attnum > 0 and not a.attisdropped
        ) as found
        where (has_schema and has_table and has_column and has_right and not hides_rows) is not true
    """
    lines: dict[str, None] = {}
    for table, column, role, has_schema, has_table, has_column, hides_rows, has_right in source_rows(lake, query):
        columns = f" ({', '.join(needed[str(table)])})" if table in DIRECTORY_READS else ""
        place = f'"{schema}"."{table}"'
        if has_schema is None:
            lines[f'schema "{schema}" is missing: set CORBI_SOURCE_SCHEMA to the schema of Corbi\'s tables'] = None
        elif not has_schema:
            lines[f'no right to use schema "{schema}": grant usage on schema "{schema}" to "{role}";'] = None
        elif not has_table:
            lines[f"table {schema}.{table} is missing: is CORBI_SOURCE_URL the database of Corbi?"] = None
        elif not has_column:
            lines[f"column {schema}.{table}.{column} is missing: the platform's tables have changed"] = None
        elif not has_right:
            lines[f'no right to read {schema}.{table}: grant select{columns} on {place} to "{role}";'] = None
        elif hides_rows:
            lines[f'row-level security hides rows of {schema}.{table}: alter role "{role}" bypassrls;'] = None
    return list(lines)
