"""The dashboards as a process of their own, looking for news every two seconds instead of every thirty.

Belongs here: what a test needs other than a person does. Does not: the dashboards.
"""

from dataclasses import replace

from cli.commands.dashboards import options_of
from notebooks.server.app import serve
from warehouse.settings import load_settings

if __name__ == "__main__":
    settings = load_settings()
    options = replace(options_of(settings, demo_sign_in=True), dashboard_seconds=2, alerts_seconds=2)
    serve(options, settings.dashboard_host, settings.dashboard_port, settings.log_level)
