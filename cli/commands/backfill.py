"""`corbi-monitoring backfill`: reads days anew.

Belongs here: its options. Does not: how days are read and recomputed (warehouse/backfill.py).
"""

from datetime import date

import click

from cli.composition import composed
from cli.output import print_refresh, progress_lines
from warehouse.backfill import backfill as run_backfill
from warehouse.settings import load_settings


class Day(click.ParamType[date]):
    """A day written as 2026-11-24."""

    name = "YYYY-MM-DD"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day. Fails naming what was given and what is wanted."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a day: write it as 2026-11-24.", param, ctx)


@click.command(short_help="Read days anew and recompute their rollups.")
@click.option("--from", "first", type=Day(), required=True, help="First UTC day.")
@click.option("--to", "last", type=Day(), required=True, help="Last UTC day, included.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def backfill(first: date, last: date, as_json: bool) -> None:
    """Reads the UTC days from --from to --to (both included) anew and recomputes their rollups.

    As often as you like: the same days give the same figures.

    \b
    Example:
      corbi-monitoring backfill --from 2026-11-01 --to 2026-11-03
    """
    with composed(load_settings()) as composition:
        composition.require_source_tables()
        report = run_backfill(composition.settings, first, last, progress_lines())
    print_refresh(report, as_json=as_json)
