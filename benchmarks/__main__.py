"""`python -m benchmarks [--messages N] [--home FOLDER] NAME …`, or `python -m benchmarks [--passes N] growth`

Belongs here: the command line of the benchmarks. Does not: what they measure (measures.py).
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import alerting, measures
from benchmarks.api import api
from benchmarks.dashboards import dashboards
from benchmarks.ground import ground
from benchmarks.growth import growth
from benchmarks.held import held
from benchmarks.lists import lists
from benchmarks.watched import watched
from warehouse.settings import Settings

BENCHMARKS: dict[str, Callable[[Settings], None]] = {
    "memory": measures.memory,
    "load": measures.load,
    "size": measures.size,
    "rollup": measures.rollup,
    "pass": measures.small_pass,
    "proof": measures.proof,
    "api": api,
    "held": held,
    "watched": watched,
    "alerts": alerting.alerts,
    "replay": alerting.replayed,
    "lists": lists,
    "dashboards": dashboards,
    "passes": measures.passes,
}
USUAL = [name for name in BENCHMARKS if name != "passes"]


def main() -> None:
    """Runs the named benchmarks, or all but the long one (`passes`)."""
    described = "\n".join(
        f"  {name:8} {function.__doc__}" for name, function in {**BENCHMARKS, growth.__name__: growth}.items()
    )
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", epilog=described, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which; default: {' '.join(USUAL)}")
    parser.add_argument("--messages", type=int, default=3_000_000, help="outbound messages (twice as many callbacks)")
    parser.add_argument("--passes", type=int, default=3_000, help="passes of `growth`, which is run alone")
    parser.add_argument("--home", type=Path, default=Path(tempfile.gettempdir()) / "corbi-benchmarks")
    arguments = parser.parse_args()
    if arguments.names == [growth.__name__]:
        growth(arguments.home / growth.__name__, arguments.passes)
        return
    unknown = set(arguments.names) - BENCHMARKS.keys()
    if unknown:
        parser.error(f"unknown benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    with ground(arguments.home, arguments.messages) as settings:
        for name in arguments.names or USUAL:
            BENCHMARKS[name](settings)


if __name__ == "__main__":
    main()
