"""`corbi-monitoring retention`: drops what is older than the policy keeps.

Belongs here: its options and its report. Does not: the policy (warehouse/retention.py).
"""

import click

from cli.composition import composed
from cli.output import print_json, progress_lines
from warehouse.refresh import refresh
from warehouse.retention import RetentionReport, retain
from warehouse.settings import load_settings
from warehouse.source.reading import Request


@click.command(short_help="Drop what is older than the policy keeps.")
@click.option("--dry-run", is_flag=True, help="Only count what would be dropped; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def retention(dry_run: bool, as_json: bool) -> None:
    """Drops rows older than the policy keeps (CORBI_RAW_DAYS and the like).

    A sweep runs first, so that the last changes of the rows that leave are in their rollups. Days that leave the daily
    tables are added to lifetime totals, so totals never shrink. Dagster does the same every night.

    \b
    Examples:
      corbi-monitoring retention --dry-run
      corbi-monitoring retention
    """
    with composed(load_settings()) as composition:
        if not dry_run:
            composition.require_source_tables()
            refresh(composition.settings, Request(compare_ids=True, sweep=True), progress_lines())
        report = retain(composition.settings, dry_run=dry_run)
    if as_json:
        print_json(report)
    else:
        _print(report)


def _print(report: RetentionReport) -> None:
    verb = "would be dropped" if report.is_dry_run else "dropped"
    for table, rows in sorted(report.rows.items()):
        click.echo(f"  {table:<32} {rows:>11,} rows {verb}")
    if not report.rows:
        click.echo(f"nothing {verb}: no row is older than the policy keeps")
    held = report.boundaries
    click.echo(
        f"kept since: raw {held.raw_from}, 5 minutes {held.five_minute_from}, hours {held.hour_from}, "
        f"days {held.day_from}"
    )
