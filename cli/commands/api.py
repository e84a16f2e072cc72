"""`corbi-monitoring api`: the JSON API.

Belongs here: where it runs. Does not: the server (api/server.py).
"""

import subprocess
import sys

import click

from api.server import serve
from cli.composition import composed, environment_of
from demo.services import require_free_port
from warehouse.settings import Settings, load_settings


@click.command(short_help="Serve the JSON API.")
@click.pass_context
def api(ctx: click.Context) -> None:
    """Serves the JSON API under gunicorn until it is stopped (CORBI_API_HOST, CORBI_API_PORT).

    \b
    Example:
      CORBI_API_PORT=8080 corbi-monitoring api
    """
    settings = load_settings()
    require_free_port(settings.api_host, settings.api_port, "CORBI_API_PORT")
    with composed(settings) as composition:
        if composition.embedded:
            ctx.exit(_serve_in_child(composition.settings))
        serve(composition.settings)


def _serve_in_child(settings: Settings) -> int:
    """Serves in a child process, so that no gunicorn worker inherits this process's claim on the embedded server."""
    child = subprocess.Popen([sys.executable, "-m", "cli.main", "api"], env=environment_of(settings))
    try:
        return child.wait()
    finally:
        child.terminate()
        child.wait()
