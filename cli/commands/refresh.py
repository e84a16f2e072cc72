"""`corbi-monitoring refresh`: one pass.

Belongs here: its options. Does not: the pass (warehouse/refresh.py).
"""

import click

from cli.composition import composed
from cli.output import print_refresh, progress_lines
from warehouse.refresh import refresh as run_pass
from warehouse.reload import reload
from warehouse.settings import load_settings
from warehouse.source.reading import Request


@click.command(short_help="One pass: read what changed, roll it up.")
@click.option("--sweep", is_flag=True, help="Also look for changes in rows older than the raw window (as every night).")
@click.option("--compare-ids", is_flag=True, help="Look for deleted rows in every table (as every hour).")
@click.option(
    "--reload", "anew", is_flag=True, help="Load everything anew, then replace the lake: for a restored source."
)
@click.option("--yes", is_flag=True, help="Of a reload: even where figures are lost that the source can't give again.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def refresh(sweep: bool, compare_ids: bool, anew: bool, yes: bool, as_json: bool) -> None:
    """Reads what changed in the operational database and rolls it up. The first pass loads everything.

    A pass that fails leaves nothing half written; the next one goes on. A reload replaces the lake at its end, in one
    step: until then, and where it fails, the lake stays as it was.

    \b
    Examples:
      corbi-monitoring refresh
      corbi-monitoring refresh --sweep --json
      corbi-monitoring refresh --reload
    """
    with composed(load_settings()) as composition:
        composition.require_source_tables()
        if anew:
            report = reload(composition.settings, progress_lines(), may_lose=yes)
        else:
            request = Request(compare_ids=compare_ids, sweep=sweep)
            report = run_pass(composition.settings, request, progress_lines())
    print_refresh(report, as_json=as_json)
