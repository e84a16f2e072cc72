"""The benchmarks themselves.

Belongs here: one function a figure of the project's aims. Does not: making the ground (ground.py).
"""

import statistics
import time
from datetime import timedelta
from pathlib import Path

import psycopg

from benchmarks.ground import load_once, peak_mebibytes_of, timed
from warehouse.lake.compaction import compact_if_due, file_count
from warehouse.lake.connection import open_lake, transaction
from warehouse.lake.state import Pending, read_state
from warehouse.refresh import empty_lake, extract_into, roll_up_pending, writing_lake
from warehouse.rollups.roll_up import roll_up
from warehouse.settings import Settings
from warehouse.source.tables import SOURCE_TABLES
from warehouse.source.touched import everything_in
from warehouse.verify import verify

_ROUNDS = 3


def load(settings: Settings) -> None:
    """First load to lake files, beside COPY of the same columns to /dev/null, turn by turn in one run."""
    copies, loads, rows = [], [], 0
    for _ in range(_ROUNDS):
        with timed("COPY of every table's columns to /dev/null") as seconds:
            _copy_to_nowhere(settings)
        copies += seconds
        with writing_lake(settings) as lake:
            with transaction(lake):
                empty_lake(lake)
            with timed("first load") as seconds:
                report = extract_into(lake, settings)
            roll_up_pending(lake)
        loads += seconds
        rows = sum(table.read for table in report.tables)
    copy, first = statistics.median(copies), statistics.median(loads)
    print(
        f"load: {rows:,} rows, {rows / first:,.0f} rows/s; {first:.1f} s, {first / copy:.2f} times COPY ({copy:.1f} s)"
    )


def memory(settings: Settings) -> None:
    """Most memory a process holds that makes the first load and rolls it up, and one that makes a pass."""
    imports = (
        "from warehouse.refresh import refresh; from warehouse.reload import reload; "
        "from warehouse.settings import load_settings; "
    )
    print(f"memory: a pass {peak_mebibytes_of(imports + 'refresh(load_settings())', settings):,.0f} MiB")
    first_load = imports + "reload(load_settings(), may_lose=True)"
    print(f"memory: first load {peak_mebibytes_of(first_load, settings):,.0f} MiB")


def size(settings: Settings) -> None:
    """Bytes of the lake's files for each event, and for each row of any raw table."""
    load_once(settings)
    with open_lake(settings, read_only=True) as lake:
        rows = lake.execute(
            "select table_name, file_size_bytes, file_count from ducklake_table_info('lake')"
        ).fetchall()
        sizes = {name: (size, files) for name, size, files in rows}
        for table in ("provider_event", "outbound_message", "email_recipient"):
            row = lake.execute(f"select count(*) from lake.raw.{table}").fetchone()
            count = row[0] if row else 0
            print(f"size: {table}: {count:,} rows, {sizes[table][0] / count:.1f} bytes a row, {sizes[table][1]} files")
    print(f"size: the whole lake {sum(size for size, _ in sizes.values()) / 2**20:,.0f} MiB")


def small_pass(settings: Settings) -> None:
    """A pass over 10,000 changed rows, half of them messages of the last week, half new callbacks."""
    load_once(settings)
    with writing_lake(settings) as lake:
        for _ in range(_ROUNDS):
            change(settings, 5_000)
            started = time.perf_counter()
            report = extract_into(lake, settings)
            merged = time.perf_counter()
            rolled_up = roll_up_pending(lake)
            ended = time.perf_counter()
            print(
                f"pass: {report.changed:,} rows changed, {rolled_up.hours} hours touched: {ended - started:.2f} s "
                f"({merged - started:.2f} s to merge, {ended - merged:.2f} s to roll up)"
            )


def rollup(settings: Settings) -> None:
    """Everything in the raw window rolled up anew: 5 minutes, hours, days, campaigns, e-mail jobs, reasons."""
    load_once(settings)
    with open_lake(settings) as lake:
        row = lake.execute("select count(*) from lake.raw.provider_event").fetchone()
        for _ in range(_ROUNDS):
            lake.execute("begin")
            state = read_state(lake)
            held = state.boundaries
            everything = everything_in(lake, {held.raw_from + timedelta(days=n) for n in range(40)}, held.raw_from)
            channels = Pending(channel_hours=everything.channel_hours)
            started = time.perf_counter()
            roll_up(lake, channels, held)
            by_channel = time.perf_counter()
            roll_up(lake, everything, held)
            ended = time.perf_counter()
            lake.execute("rollback")
            print(
                f"rollup: {row[0] if row else 0:,} events and their messages by channel: {by_channel - started:.2f} s; "
                f"everything: {ended - by_channel:.2f} s"
            )


def passes(settings: Settings, count: int = 3_000) -> None:
    """A day of passes every 30 s, each over a few changed rows, most of the last hours: files and seconds stay flat."""
    load_once(settings)
    hot = settings.model_copy(update={"expire_grace_seconds": 60})
    seconds: list[float] = []
    with writing_lake(hot) as lake:
        for number in range(1, count + 1):
            change(hot, 20, recency=4)
            started = time.perf_counter()
            extract_into(lake, hot)
            roll_up_pending(lake)
            compact_if_due(lake, hot)
            seconds.append(time.perf_counter() - started)
            if number % 100 == 0 or number == count:
                stored = sum(1 for _ in Path(hot.required("lake_path")).rglob("*.parquet"))
                recent = seconds[-100:]
                print(
                    f"passes: {number:,}: median {statistics.median(recent):.2f} s, worst {max(recent):.2f} s, "
                    f"{file_count(lake):,} files, {stored:,} stored",
                    flush=True,
                )


def proof(settings: Settings) -> None:
    """How long `verify` takes, and that it finds nothing."""
    with timed("verify") as seconds:
        report = verify(settings)
    print(f"proof: {report.figures:,} figures, {len(report.differences)} differ, {seconds[0]:.1f} s")


def _copy_to_nowhere(settings: Settings) -> None:
    with psycopg.connect(settings.required("source_url")) as source:
        for table in SOURCE_TABLES:
            columns = ", ".join(table.reads)
            source.execute(f"copy (select {columns} from {table.name}) to '/dev/null' (format binary)".encode())


def change(settings: Settings, rows: int, recency: int = 1) -> None:
    """Moves messages of the last week on, and adds callbacks of today.

    Messages are chosen evenly over the week; with a higher `recency` most of them are of the last hours.
    """
    with psycopg.connect(settings.required("source_url"), autocommit=True) as source:
        source.execute(
            """
            update messaging_outboundmessage
            set status = case status when 'read' then 'delivered' else 'read' end, updated_at = now()
            where id in (
                select newest - floor(newest / 4 * random() ^ %(recency)s)::bigint
                from (select max(id) as newest from messaging_outboundmessage) as ids, generate_series(1, %(rows)s)
            )
            """,
            {"rows": rows, "recency": recency},
        )
        source.execute(
            """
            insert into messaging_providerevent
                (provider_message_id, channel, status, payload, latency_ms, received_at, organization_id, outbound_id)
            select provider_message_id, channel, 'read', '{}', 1 + floor(random() * 100000), now(), organization_id, id
            from messaging_outboundmessage order by id desc limit %(rows)s
            """,
            {"rows": rows},
        )
