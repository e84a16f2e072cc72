"""`corbi-monitoring explore`: the analysts' notebook.

Belongs here: starting marimo on it, with complete settings. Does not: the notebook (notebooks/explore.py).
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click

import notebooks
from cli.composition import composed, environment_of
from warehouse.settings import load_settings

NOTEBOOK = Path(notebooks.__file__).parent / "explore.py"


@click.command(short_help="The analysts' notebook over the lake.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write a static HTML report of the last week and exit.")  # fmt: skip
@click.option("--organization", type=int, default=1, show_default=True, metavar="ID", help="Whose figures.")
@click.pass_context
def explore(ctx: click.Context, *, report: Path | None, organization: int) -> None:
    """Opens notebooks/explore.py in marimo's editor: SQL and Polars over the lake, which is opened read only.

    It reads every organization's figures, so it is for those who run the warehouse.

    \b
    Examples:
      corbi-monitoring explore
      corbi-monitoring explore --report week.html --organization 2
    """
    with composed(load_settings()) as composition, tempfile.TemporaryDirectory() as folder:
        composition.require_source_tables()
        # marimo keeps what an export drew beside the notebook, which may not be ours to write to.
        notebook = Path(shutil.copy(NOTEBOOK, folder)) if report else NOTEBOOK
        how = ["export", "html", "--no-include-code", "--force", "--output", str(report)] if report else ["edit"]
        command = [sys.executable, "-m", "marimo", "-q", *how, str(notebook), "--", "--organization", str(organization)]
        environment = environment_of(composition.settings)
        ctx.exit(subprocess.run(command, env=environment, check=False).returncode)  # noqa: S603 - our own command
