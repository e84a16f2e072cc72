"""The command `corbi-monitoring`.

Belongs here: the group of commands, and how an error is shown: its text on stderr, exit status 1.
Does not: what a command does (commands/, one module each), the embedded default (composition.py).
"""

import errno
import logging
import signal
import sys
from importlib import import_module
from types import FrameType
from typing import IO, Any

import click

from demo.history import DatabaseNotEmptyError
from demo.services import PortInUseError, ServiceFailedError
from warehouse.errors import CorbiError
from warehouse.logs import configure_logs, writes_json
from warehouse.settings import load_settings

COMMANDS = (
    "demo", "refresh", "api", "dashboards", "explore", "verify", "doctor", "reasons", "token", "retention", "backfill",
    "repair", "backup", "restore", "instance", "alerts", "notifications", "traffic",
)  # fmt: skip
DISK_TROUBLES = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)
SHOWN_AS_MESSAGE = (CorbiError, DatabaseNotEmptyError, PortInUseError, ServiceFailedError)

logger = logging.getLogger(__name__)


class _Told(click.ClickException):
    """An error as people read it; where logs are JSON it is one of their lines."""

    def show(self, file: IO[Any] | None = None) -> None:
        if writes_json():
            logger.error(self.message)
        else:
            super().show(file)


class Commands(click.Group):
    """The commands, each imported when it is asked for: Dagster and Flask take longer to import than most take to run.

    An error that was raised on purpose is shown as one message; any other is a bug and keeps its traceback.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, or None."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"cli.commands.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101 - narrows the type; a test asks for every command's help
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command. An error is told on stderr; the status is 1, or 128 plus the signal that asked to end."""
        try:
            return super().invoke(ctx)
        except BaseException as error:
            told = _told(error)
            if told is None:
                raise
            logger.debug("where it was raised:", exc_info=error)
            _Told(told).show()
            sys.exit(128 + _asked_to_end[0] if _asked_to_end else 1)


_asked_to_end: list[int] = []
"""The signal that asked this process to end, once one has. DuckDB tells of it by an error of its own, or of none."""


def _told(error: BaseException) -> str | None:
    """The one message for what an operator can meet; None for a bug, which keeps its traceback."""
    if _asked_to_end:
        name = signal.Signals(_asked_to_end[0]).name
        return f"ended by {name}. Nothing is half written; give the command again to go on."
    if isinstance(error, SHOWN_AS_MESSAGE):
        return str(error)
    if isinstance(error, OSError) and error.errno in DISK_TROUBLES and error.filename:
        return f"{error.filename} can't be used: {error.strerror}. Free space or rights there, then try again."
    if not type(error).__module__.startswith(("_duckdb", "duckdb", "psycopg")):
        return None
    trouble = import_module("warehouse.lake.trouble").lake_trouble(error)
    return trouble and str(trouble)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="corbi-monitoring")
def main() -> None:
    """Watches a multi-channel messaging platform: warehouse, API and pipelines.

    Without any setting everything runs on an embedded PostgreSQL under CORBI_HOME. The README lists the settings.

    \b
    Try it:
      corbi-monitoring demo
    """
    settings = load_settings()
    configure_logs(settings)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)


def _leave(number: int, _frame: FrameType | None) -> None:
    # Raised rather than dying at once, so that the embedded server is let go of.
    _asked_to_end.append(number)
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
