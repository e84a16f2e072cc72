"""`corbi-monitoring backup`: a backup of what the warehouse holds.

Belongs here: its options and its report. Does not: making it (warehouse/backup/).
"""

import click

from cli.composition import composed
from cli.output import moment, print_json, progress_lines
from warehouse.backup import BackupReport
from warehouse.backup import backup as make_backup
from warehouse.settings import load_settings


@click.command(short_help="Back up catalog, files and alerts, while passes go on.")
@click.argument("target")
@click.option("--keep", default=7, show_default=True, type=click.IntRange(1), help="Backups that stay in a folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def backup(target: str, keep: int, as_json: bool) -> None:
    """Makes a backup in TARGET, a folder or s3://bucket/path, while passes go on.

    It is of one moment: the lake's catalog and files, the directory, alerts and whom they were told to; the hash key
    too, unless CORBI_HASH_KEY is set. Not in it: Dagster's history, the operational database, settings.
    Files that an older backup in TARGET has are not copied again. One that is interrupted is never taken for a backup.

    \b
    Examples:
      corbi-monitoring backup /mnt/backup/corbi
      corbi-monitoring backup s3://backups/corbi/2026-11
    """
    with composed(load_settings()) as composition:
        report = make_backup(
            composition.settings, target, progress_lines(), keep=keep, own_key=composition.own_hash_key
        )
    if as_json:
        made = report.manifest
        print_json({"name": made.name, "as_of": made.as_of, "files": len(made.files), "bytes": made.bytes,
                    "has_hash_key": made.key is not None, "copied_files": report.copied_files,
                    "copied_bytes": report.copied_bytes, "removed": report.removed})  # fmt: skip
    else:
        _print(report)


def _print(report: BackupReport) -> None:
    made = report.manifest
    click.echo(
        f"backup {made.name} of figures as of {moment(made.as_of)}: {len(made.files):,} files and the database, "
        f"{made.bytes:,} bytes, of which {report.copied_files:,} files and {report.copied_bytes:,} bytes were new"
    )
    for name in report.removed:
        click.echo(f"removed: {name}")
    click.echo(
        "The hash key is part of it: whoever has the backup can tell whether an address is in it."
        if made.key
        else "The hash key is not part of it: keep CORBI_HASH_KEY, no backup is of use without it."
    )
