"""`corbi-monitoring repair`: mends damaged files of the lake.

Belongs here: its options and its report. Does not: mending them (warehouse/repair.py).
"""

import sys

import click

from cli.composition import composed
from cli.output import print_json, progress_lines
from warehouse.repair import RepairReport
from warehouse.repair import repair as run_repair
from warehouse.settings import load_settings


@click.command(short_help="Mend files of the lake that are missing or changed.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def repair(as_json: bool) -> None:
    """Finds files of the lake that are missing or not what was written, and reads or computes anew what they held.

    Until it has ended, the figures made of these files are missing. What can't be had again is named. Where it was
    interrupted, run it again. Exit status 1 when something is lost or waits.

    \b
    Example:
      corbi-monitoring repair
    """
    with composed(load_settings()) as composition:
        composition.require_source_tables()
        report = run_repair(composition.settings, progress_lines())
    if as_json:
        print_json(report)
    else:
        _print(report)
    sys.exit(1 if report.lost or report.trouble else 0)


def _print(report: RepairReport) -> None:
    for damage in report.copied:
        click.echo(f"written anew from its copy: {damage}")
    for damage in report.recomputed:
        days = f", {damage.first_day} to {damage.last_day}" if damage.first_day else ""
        click.echo(f"read or computed anew: {damage}{days}")
    for lost in report.lost:
        click.echo(f"LOST: {lost}")
    if report.trouble:
        click.echo(f"PROBLEM: {report.trouble}. Run it again.")
    if not report.copied and not report.recomputed:
        click.echo("No file is damaged.")
