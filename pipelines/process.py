"""Dagster's webserver and daemon with this project's logs: `python -m pipelines.process webserver|daemon <options>`.

Belongs here: setting logs up before Dagster does, and starting it. Does not: its options, which are Dagster's own.
With CORBI_LOG_FORMAT=text it is the same as `dagster-webserver <options>` and `dagster-daemon run <options>`.
"""

import sys
from importlib import import_module

import click

from warehouse.logs import configure_logs
from warehouse.settings import load_settings

_QUIET = ("--code-server-log-level", "warning")
"""Code servers log as JSON once they have loaded our definitions, and begin with lines in Dagster's own form."""


def main(arguments: list[str]) -> None:
    """Runs until it is stopped. Raises SystemExit."""
    process, *options = arguments or ["--help"]
    settings = load_settings()
    if settings.log_format == "json":
        configure_logs(settings)
        options = [*_QUIET, *options]
    try:
        if process == "webserver":
            module = import_module("dagster_webserver.cli")
            module.cli.main(options, standalone_mode=False, auto_envvar_prefix="DAGSTER_WEBSERVER")
        elif process == "daemon":
            import_module("dagster._daemon.cli").cli.main(["run", *options], standalone_mode=False)
        else:
            sys.exit(f"Which process? webserver or daemon; given: {process}")
    except click.Abort:
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main(sys.argv[1:])
