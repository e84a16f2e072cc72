"""`corbi-monitoring instance`: Dagster's own folder, before Dagster starts.

Belongs here: its options. Does not: what is in the folder (pipelines/instance.py).
"""

from pathlib import Path

import click

from warehouse.settings import load_settings


@click.command(short_help="Write the configuration of Dagster's folder.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--close-lost-runs", "close", is_flag=True, help="Also end runs whose process is gone: none may run now.")
def instance(folder: Path, *, close: bool) -> None:
    """Writes dagster.yaml into FOLDER, the DAGSTER_HOME: storage in CORBI_DAGSTER_URL, one writer of the lake at a
    time, no telemetry. The file holds the storage's password and is its owner's alone.

    \b
    Example:
      corbi-monitoring instance /var/lib/corbi-monitoring/dagster --close-lost-runs
    """
    # Importing Dagster takes longer than refusing what was asked wrongly.
    from pipelines.instance import close_lost_runs_in, write_instance  # noqa: PLC0415

    file = write_instance(load_settings(), folder)
    click.echo(f"wrote {file}")
    if close:
        click.echo(f"{len(close_lost_runs_in(file.parent))} lost runs closed")
