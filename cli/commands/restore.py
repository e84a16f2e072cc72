"""`corbi-monitoring restore`: puts a backup where the settings point.

Belongs here: its options and its report. Does not: restoring (warehouse/backup/).
"""

import click

from alerts.migrations import known_revisions
from cli.composition import composed
from cli.output import moment, print_json, progress_lines
from warehouse.backup import check as check_backup
from warehouse.backup import restore as restore_backup
from warehouse.backup.manifest import Manifest
from warehouse.settings import load_settings


@click.command(short_help="Restore a backup at any place, all of it or nothing.")
@click.argument("source")
@click.option("--name", help="Which backup of SOURCE; the newest complete one unless given.")
@click.option("--check", "only_check", is_flag=True, help="Read all of it and compare checksums; change nothing.")
@click.option("--yes", is_flag=True, help="Replace the warehouse that is there.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def restore(source: str, name: str | None, only_check: bool, yes: bool, as_json: bool) -> None:
    """Restores a backup in SOURCE into CORBI_WAREHOUSE_URL and CORBI_LAKE_PATH, wherever it was made.

    Every checksum is compared before anything is touched, and the database is replaced in one step at the end. Both
    places must be empty, unless --yes: stop Dagster, API and alerts then.

    \b
    Examples:
      corbi-monitoring restore /mnt/backup/corbi --check
      CORBI_HOME=/srv/again corbi-monitoring restore /mnt/backup/corbi
    """
    with composed(load_settings()) as composition:
        settings, revisions = composition.settings, known_revisions()
        if only_check:
            made = check_backup(settings, source, progress_lines(), name=name, alert_revisions=revisions)
        else:
            made = restore_backup(
                settings, source, progress_lines(), name=name, alert_revisions=revisions, may_replace=yes,
                own_key=composition.own_hash_key,
            ).manifest  # fmt: skip
    if as_json:
        print_json({"name": made.name, "as_of": made.as_of, "files": len(made.files), "bytes": made.bytes,
                    "is_restored": not only_check})  # fmt: skip
    else:
        _print(made, only_check=only_check)


def _print(made: Manifest, *, only_check: bool) -> None:
    what = f"{made.name}, figures as of {moment(made.as_of)}, {len(made.files):,} files, {made.bytes:,} bytes"
    if only_check:
        click.echo(f"whole: {what}")
        return
    click.echo(f"restored: {what}")
    click.echo(
        "Now: `corbi-monitoring refresh` reads what changed since, `corbi-monitoring verify` proves it; then start "
        "Dagster, API and dashboards (again). Messages about alerts that waited to be sent may be sent once more."
    )
