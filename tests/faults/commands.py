"""The writing commands as processes, beside a source that is written to.

Belongs here: starting and ending them at a moment, and what the platform writes meanwhile. Does not: claims.
"""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta

import psycopg

from tests.integration.command_line import CommandLine
from tests.integration.platform_writer import AGES, CHANNELS, PlatformWriter, open_connection, utc_now
from warehouse.settings import Settings

TIMES = int(os.environ.get("FAULTS_TIMES", "3"))
"""How often each thing happens; `make faults` asks for more."""

_BACKFILLED = timedelta(days=5)


def writing_commands() -> dict[str, tuple[str, ...]]:
    """Every command that writes to the lake, with its arguments."""
    today = utc_now().date()
    days = ("--from", str(today - _BACKFILLED), "--to", str(today))
    return {
        "refresh": ("refresh",),
        "retention": ("retention",),
        "backfill": ("backfill", *days),
        "refresh --reload": ("refresh", "--reload", "--yes"),
        "verify": ("verify",),
        "repair": ("repair",),
    }


def commands_to_break() -> tuple[str, ...]:
    """Which of them meet each fault: all, or one where things happen seldom."""
    return tuple(writing_commands()) if TIMES > 3 else ("refresh",)


def command_line(settings: Settings, **more: str) -> CommandLine:
    """The command with these settings, in their home."""
    names = ("source_url", "warehouse_url", "lake_path", "hash_key")
    given = {f"CORBI_{name.upper()}": settings.required(name) for name in names}
    given |= {"CORBI_DAGSTER_URL": settings.required("warehouse_url"), "CORBI_COMPACT_EVERY_PASSES": "5"}
    return CommandLine(settings.home, given | more)


def start(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    """A command at work."""
    command = command_line(settings)
    return subprocess.Popen(
        [sys.executable, "-m", "cli.main", *arguments],
        cwd=command.home, env=command.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def await_connection(process: subprocess.Popen[str], url: str) -> None:
    """Waits until a command is connected to a database, all of it imported by then, or has ended."""
    while process.poll() is None and not connections_to(url):
        time.sleep(0.02)


def connections_to(url: str, *, end: bool = False) -> int:
    """How many connections to a database others have; they are ended where this is asked for."""
    what = "pg_terminate_backend(pid)" if end else "pid"
    with psycopg.connect(url, autocommit=True) as connection:
        query = f"select {what} from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        return len(connection.execute(query.encode()).fetchall())


def seconds_of(settings: Settings, *arguments: str) -> float:
    """How long a command takes. Fails where it fails."""
    begun = time.monotonic()
    command_line(settings).succeed(*arguments)
    return time.monotonic() - begun


def end_after(process: subprocess.Popen[str], seconds: float, by: signal.Signals) -> tuple[bool, str]:
    """Sends a signal after a while; whether the process was still at work, and what it said of it."""
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(by)
        return True, process.communicate(timeout=120)[1]
    said = process.communicate()[1]
    assert process.returncode == 0, said
    return False, said


def write_something(settings: Settings, source: random.Random) -> None:
    """Twenty messages with callbacks and changes, now and long ago, and a deleted contact."""
    with open_connection(settings.required("source_url"), autocommit=True) as connection:
        writer = PlatformWriter(connection, utc_now())
        for _ in range(20):
            number = source.randrange(400)
            writer.outbound(number, source.choice(CHANNELS), source.choice(AGES))
            writer.callback(number, source.choice(CHANNELS), source.choice(AGES))
            writer.change_status("messaging_outboundmessage", source.randrange(100_000))
        writer.delete("contacts_contact", source.randrange(1000))
