"""`corbi-monitoring dashboards`: the marimo apps.

Belongs here: settings to the server's options. Does not: the server (notebooks/server/).
"""

from functools import partial

import click

from cli.commands.token import demo_token
from cli.composition import refuse_real_source
from demo.services import require_free_port
from notebooks.server.app import serve
from notebooks.server.options import Options
from warehouse.settings import Settings, load_settings

DEMO_TOKEN_SECONDS = 12 * 3600


@click.command(short_help="Serve the dashboards.")
@click.option("--demo-sign-in", is_flag=True, help="Anybody may sign in as a user of the demonstration.")
def dashboards(*, demo_sign_in: bool) -> None:
    """Serves the dashboards until it is stopped (CORBI_DASHBOARD_HOST, CORBI_DASHBOARD_PORT). They speak to the API
    alone (CORBI_API_URL); no database is needed.

    \b
    Example:
      CORBI_API_URL=https://monitoring.example.com corbi-monitoring dashboards
    """
    settings = load_settings()
    if demo_sign_in:
        refuse_real_source(settings)
    require_free_port(settings.dashboard_host, settings.dashboard_port, "CORBI_DASHBOARD_PORT")
    serve(options_of(settings, demo_sign_in=demo_sign_in), settings.dashboard_host, settings.dashboard_port,
          settings.log_level)  # fmt: skip


def options_of(settings: Settings, *, demo_sign_in: bool = False) -> Options:
    """The dashboards' options that follow from the settings."""
    return Options(
        api_url=settings.api_url or f"http://{settings.api_host}:{settings.api_port}",
        public_url=dashboard_url(settings),
        hosts=settings.hosts_of_dashboards,
        frontend_url=settings.frontend_url,
        token_cookie=settings.dashboard_cookie,
        dashboard_seconds=settings.dashboard_refresh_seconds,
        alerts_seconds=settings.alert_refresh_seconds,
        demo_token=partial(_token, settings) if demo_sign_in else None,
    )


def dashboard_url(settings: Settings) -> str:
    """The address people reach the dashboards by."""
    return (settings.dashboard_url or "").rstrip("/") or f"http://{settings.dashboard_host}:{settings.dashboard_port}"


def _token(settings: Settings, user: str) -> str:
    return demo_token(settings, user, DEMO_TOKEN_SECONDS)
