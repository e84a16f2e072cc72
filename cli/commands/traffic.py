"""`corbi-monitoring traffic`: the demonstration's live traffic, which `demo` starts as a process of its own.

Belongs here: where it may write, and its end. Does not: what is written (demo/traffic/).
"""

import signal
import threading
import time

import click

from cli.composition import composed, refuse_real_source
from demo.traffic import run_traffic
from warehouse.settings import load_settings


@click.command(hidden=True)
def traffic() -> None:
    """Writes made-up messages into the demonstration's operational database until it is stopped.

    \b
    Example:
      CORBI_TRAFFIC_RATE=20 corbi-monitoring traffic
    """
    settings = load_settings()
    refuse_real_source(settings)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with composed(settings) as composition:
        composition.require_source_tables()
        # Another start must not draw the same message ids again.
        source_url, seed = composition.settings.required("source_url"), time.time_ns()
        run_traffic(source_url, rate=settings.traffic_rate, seed=seed, stop=stop)
