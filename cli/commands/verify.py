"""`corbi-monitoring verify`: the warehouse's figures beside the operational database's own.

Belongs here: its options and its report. Does not: the comparison (warehouse/verify/).
"""

import sys

import click

from cli.composition import composed
from cli.output import moment, print_json, progress_lines, set_aside_line
from warehouse.settings import load_settings
from warehouse.verify import VerifyReport, look
from warehouse.verify import verify as run_verify


@click.command(short_help="Compare every figure with the operational database.")
@click.option("--no-refresh", is_flag=True, help="Only look: compare what is served, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def verify(no_refresh: bool, as_json: bool) -> None:
    """Computes the same figures straight from the operational database and prints every difference.

    Both sides are asked at one moment of the operational database, after a pass up to that moment. It reads the
    operational tables whole: minutes on a big database. Exit status 1 when anything differs; 3 when nothing does any
    more, but an ordinary pass had left figures wrong that this verification mended.

    With --no-refresh nothing is written, and what is served is compared with the operational database as it is now.
    Exit status 1 when anything differs; 3 when anything does, but the operational database has moved on meanwhile.

    \b
    Examples:
      corbi-monitoring verify
      corbi-monitoring verify --no-refresh
    """
    with composed(load_settings()) as composition:
        composition.require_source_tables()
        report = (look if no_refresh else run_verify)(composition.settings, progress_lines())
    print_verify(report, as_json=as_json)
    sys.exit(exit_status(report))


def exit_status(report: VerifyReport) -> int:
    """0: all equal; 1: something differs; 3: something did, or may do so because the source has moved on."""
    if report.is_equal:
        return 3 if report.mended else 0
    return 3 if report.source_moved else 1


def print_verify(report: VerifyReport, *, as_json: bool) -> None:
    """Every difference, then how many figures were compared."""
    if as_json:
        print_json(verify_document(report))
        return
    for difference in report.mended:
        click.echo(f"mended: {difference}")
    for difference in report.differences:
        click.echo(str(difference))
    if report.mended:
        click.echo(
            f"{len(report.mended):,} figures were served wrong after an ordinary pass; this verification mended them"
        )
    if report.source_moved:
        click.echo("The operational database has moved on since: a difference may be no more than that.")
    outcome = "all equal" if report.is_equal else f"{len(report.differences):,} differ"
    if report.set_aside:
        click.echo(set_aside_line(report.set_aside, report.first_set_aside))
    click.echo(f"{report.figures:,} figures compared as of {moment(report.as_of)}: {outcome}")


def verify_document(report: VerifyReport) -> dict[str, object]:
    """The report as it is printed with --json."""
    return {
        "as_of": report.as_of,
        "is_equal": report.is_equal,
        "figures": report.figures,
        "differences": report.differences,
        "mended": report.mended,
        "source_moved": report.source_moved,
        "set_aside": report.set_aside,
        "first_set_aside": report.first_set_aside or None,
    }
