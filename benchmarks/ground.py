"""The ground that benchmarks stand on: a filled operational database and a warehouse, in a folder of their own.

Belongs here: making it, once a size, and loading it. Does not: measuring.
"""

import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from demo.history import fill, is_filled
from demo.postgres import embedded_server
from warehouse.lake.connection import open_lake, transaction
from warehouse.lake.state import SCHEMA_VERSION, stored_state
from warehouse.refresh import refresh
from warehouse.settings import Settings

SEED = 1


@contextmanager
def ground(home: Path, messages: int) -> Iterator[Settings]:
    """Settings of a warehouse over a history of so many messages, filled if it was not."""
    with embedded_server(home) as server:
        if not is_filled(server.url("corbi")):
            print(f"filling {messages:,} messages …", flush=True)
            filled = fill(server.url("corbi"), messages=messages, seed=SEED, now=datetime.now(UTC))
            print(f"  {sum(filled.rows.values()):,} rows in {filled.seconds:.0f} s", flush=True)
        yield Settings(
            home=home,
            source_url=server.url("corbi"),
            warehouse_url=server.url("warehouse"),
            lake_path=str(home / "lake"),
            hash_key="benchmarks",
        )


def load_once(settings: Settings) -> None:
    """Makes a pass where nothing was loaded yet, or by another layout."""
    with open_lake(settings) as lake, transaction(lake):
        stored = stored_state(lake)
    if stored is None or stored["schema_version"] != SCHEMA_VERSION:
        refresh(settings, progress=print)


@contextmanager
def timed(label: str) -> Iterator[list[float]]:
    """Prints how long a block took; its seconds are appended to the list it yields."""
    seconds: list[float] = []
    started = time.perf_counter()
    yield seconds
    seconds.append(time.perf_counter() - started)
    print(f"  {label}: {seconds[0]:.2f} s", flush=True)


def peak_mebibytes_of(code: str, settings: Settings) -> float:
    """Runs Python code in a process of its own; the most memory it held, in MiB."""
    environment = {
        "CORBI_HOME": str(settings.home),
        "CORBI_SOURCE_URL": settings.required("source_url"),
        "CORBI_WAREHOUSE_URL": settings.required("warehouse_url"),
        "CORBI_LAKE_PATH": settings.required("lake_path"),
        "CORBI_HASH_KEY": settings.required("hash_key"),
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    if after == before:
        print("  (an earlier child held more; run this benchmark alone for its own peak)")
    return after / 1024
