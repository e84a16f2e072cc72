"""Writing a history into an empty database.

Here: the order of the statements beside this file, what runs beside what, and the values they are given.
Not here: what a row looks like (*.sql), how much there is (volumes.py), live traffic (demo/traffic/).
"""

import logging
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import sql as compose

from demo import people, sql
from demo.chances import CHANCES
from demo.schema import create_keys, create_tables, table_names
from demo.texts import texts
from demo.volumes import CONTACTS_PER_MESSAGE, streams

WORKERS = 2

# Each group runs after the one before it; the files of a group run beside each other. A file with `shard` in it
# runs once for each worker, over its part of the rows.
STEPS: tuple[tuple[str, ...], ...] = (
    ("text_slots", "organizations", "message_table"),
    ("integrations", "slots", "outages"),
    ("reach",),
    ("batches",),
    ("plan",),
    ("keys",),
    ("messages", "inbound"),
    ("unsubscribes", "batch_counts", "events", "outboundmessage", "emailrecipient"),
    ("providerevent", "contact", "campaignrecipient", "whatsappmessage", "telegrammessage", "instagrammessage",
     "inboundmessage", "booking", "billinglog", "integration", "campaign", "emailjob", "suppression"),
    ("bookingchangelog", "monitoringalert"),
)  # fmt: skip

STAGED_TABLE = re.compile(r"^create unlogged table simulator\.(\w+)", re.MULTILINE)
INSERT_TARGET = re.compile(r"^insert into (\w+) \(", re.MULTILINE)

logger = logging.getLogger(__name__)


class DatabaseNotEmptyError(Exception):
    """The database already holds tables that no unfinished fill has left there."""


@dataclass(frozen=True)
class Filled:
    """What a fill wrote: rows by table, and how long it took."""

    rows: dict[str, int]
    seconds: float


def fill(
    url: str,
    *,
    messages: int,
    seed: int,
    now: datetime,
    days: int = 30,
    organizations: int = 12,
    progress: Callable[[str], None] = logger.info,
) -> Filled:
    """Corbi's tables with `days` of history up to `now`: so many outbound messages over the five sources, and all
    that comes with them. The same arguments give the same rows.

    The database must be empty, or hold what an interrupted fill left (which is removed first).
    Raises DatabaseNotEmptyError, ValueError.
    """
    if now.tzinfo is None or days < 1 or organizations < 1 or messages < 0:
        raise ValueError("fill needs a zone-aware now, and at least one day and one organization")
    started = time.monotonic()
    values = _values(messages, seed, now.astimezone(UTC), days)
    _prepare(url)
    create_tables(url)
    _stage_inputs(url, values, messages, organizations)
    for group in STEPS:
        progress(f"writing {', '.join(group)}")
        _run_group(url, group, values)
    progress("making keys and indexes")
    create_keys(url, WORKERS)
    progress("finishing")
    rows = _finish(url)
    return Filled(rows, time.monotonic() - started)


def is_filled(url: str) -> bool:
    """Whether a finished fill is there."""
    return bool(table_names(url)) and not _has_staging(url)


def _values(messages: int, seed: int, now: datetime, days: int) -> dict[str, Any]:
    slot_seconds = 900 if days <= 45 else 3600
    return {
        "seed": seed,
        "now": now,
        "start": now - timedelta(days=days),
        "days": days,
        "slots": days * 86_400 // slot_seconds,
        "slot_seconds": slot_seconds,
        "contacts": int(messages * CONTACTS_PER_MESSAGE),
        "shards": WORKERS,
    }


def _has_staging(url: str) -> bool:
    with sql.connect(url) as connection:
        return connection.execute("select 1 from pg_namespace where nspname = 'simulator'").fetchone() is not None


def _prepare(url: str) -> None:
    """The schema `simulator` lives as long as a fill does, from before the first table to after the last row:
    where it is found, the tables beside it are unfinished."""
    tables = table_names(url)
    if tables and not _has_staging(url):
        raise DatabaseNotEmptyError(f"the database already holds {len(tables)} tables; fill an empty one")
    with sql.connect(url) as connection:
        for table in tables:
            connection.execute(compose.SQL("drop table {} cascade").format(compose.Identifier(table)))
        connection.execute("drop schema if exists simulator cascade")
        connection.execute("create schema simulator")


def _stage_inputs(url: str, values: dict[str, Any], messages: int, organizations: int) -> None:
    with sql.connect(url) as connection:
        sql.execute(connection, "history/functions.sql", values)
        sql.execute(connection, "history/inputs.sql", values)
        people.insert_people(
            connection,
            seed=values["seed"],
            organizations=organizations,
            founded_at=values["start"] - timedelta(days=200),
        )
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into simulator.stream values (%s, %s, %s, %s, %s, %s, %s)",
                [astuple(stream) for stream in streams(messages)],
            )
            cursor.executemany(
                "insert into simulator.chance values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [astuple(chance) for chance in CHANCES],
            )
            cursor.executemany(
                "insert into simulator.words values (%s, %s, %s, %s, %s, %s, %s, %s)",
                [astuple(text) for text in texts()],
            )


def _run_group(url: str, group: tuple[str, ...], values: dict[str, Any]) -> None:
    with ThreadPoolExecutor(WORKERS) as pool:
        runs = [
            pool.submit(_run, url, name, {**values, "shard": shard})
            for name in group
            for shard in range(WORKERS if "%(shard)s" in sql.read(f"history/{name}.sql") else 1)
        ]
        for run in runs:
            run.result()


def _run(url: str, name: str, values: dict[str, Any]) -> None:
    started = time.monotonic()
    with sql.connect(url) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set work_mem = '256MB'")
        connection.execute("set jit = off")
        with connection.transaction():
            statement = sql.read(f"history/{name}.sql")
            if (target := INSERT_TARGET.search(statement)) is not None:
                # A table emptied in the same transaction needs no write-ahead log (wal_level = minimal).
                connection.execute(compose.SQL("truncate {}").format(compose.Identifier(target[1])))
            rows = connection.execute(statement, values).rowcount
            if (staged := STAGED_TABLE.search(statement)) is not None:
                connection.execute(compose.SQL("analyze {}").format(compose.Identifier("simulator", staged[1])))
    logger.debug("%s: %d rows in %.1f s", name, rows, time.monotonic() - started)


def _finish(url: str) -> dict[str, int]:
    """Finishes every table, and removes the staging schema last of all. Gives the rows of each."""
    tables = table_names(url)
    with ThreadPoolExecutor(WORKERS) as pool:
        rows = dict(zip(tables, pool.map(lambda table: _finish_table(url, table), tables), strict=True))
    with sql.connect(url) as connection:
        connection.execute("drop schema simulator cascade")
    return rows


def _finish_table(url: str, table: str) -> int:
    """Moves the id counter past the rows, gathers statistics, counts."""
    name, text = compose.Identifier(table), compose.Literal(table)
    with sql.connect(url) as connection:
        connection.execute(
            compose.SQL(
                "select setval(pg_get_serial_sequence({}, 'id'), coalesce(max(id), 0) + 1, false) from {}"
            ).format(text, name)
        )
        connection.execute(compose.SQL("analyze {}").format(name))
        found = connection.execute(compose.SQL("select count(*) from {}").format(name)).fetchone()
    return int(found[0]) if found else 0
