"""`corbi-monitoring instance`: Dagster's own folder, before Dagster starts.

Belongs here: its options. Does not: what is in the folder (pipelines/instance.py).
"""

from pathlib import Path

import click

from warehouse.errors import WarehouseUnavailableError
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
    from dagster import DagsterInstance  # noqa: PLC0415
    from dagster_postgres.utils import DagsterPostgresException  # noqa: PLC0415

    from pipelines.instance import close_lost_runs, write_instance  # noqa: PLC0415

    file = write_instance(load_settings(), folder)
    click.echo(f"wrote {file}")
    if not close:
        return
    try:
        with DagsterInstance.from_config(str(file.parent)) as opened:
            closed = close_lost_runs(opened)
    except DagsterPostgresException as error:
        why = str(getattr(error.__cause__, "orig", error)).strip()
        raise WarehouseUnavailableError(
            f"Dagster's storage can't be reached: {why} Check CORBI_DAGSTER_URL, and that its server runs."
        ) from error
    click.echo(f"{len(closed)} lost runs closed")
