"""A line of JSON is one record: what happened, when, where, in which request or run, and the exception."""

import io
import json
import logging
import subprocess
import sys
from typing import Any

import pytest

from warehouse.logs import Event, JsonFormatter, bind, bound


def line(record: logging.LogRecord) -> dict[str, Any]:
    text = JsonFormatter().format(record)
    assert "\n" not in text
    found: dict[str, Any] = json.loads(text)
    return found


def record(message: object, *arguments: object, exc_info: Any = None, **more: object) -> logging.LogRecord:
    made = logging.LogRecord("some.logger", logging.WARNING, __file__, 1, message, arguments, exc_info)
    made.created, made.msecs = 1_767_225_600.25, 250.0
    vars(made).update(more)
    return made


def test_a_record_is_told_by_its_time_level_logger_and_message() -> None:
    assert line(record("%s of\n%d", "one", 2)) == {
        "time": "2026-01-01T00:00:00.250Z", "level": "WARNING", "logger": "some.logger", "message": "one of\n2",
    }  # fmt: skip


def test_an_exception_is_one_field() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        found = line(record("it failed", exc_info=sys.exc_info()))
    assert found["message"] == "it failed"
    assert found["exception"].startswith("Traceback")
    assert found["exception"].endswith("ValueError: two\nlines")


def test_a_line_says_of_which_request_or_run_it_is_and_no_other_line_does() -> None:
    with bound(run_id="r1"):
        assert line(record("in it"))["run_id"] == "r1"
    bind(request_id="q1")
    assert line(record("in it"))["request_id"] == "q1"
    bind()
    assert line(record("after")).keys() == {"time", "level", "logger", "message"}
    of_dagster = line(record("step", dagster_meta={"run_id": "r2", "job_name": "refresh", "step_key": None}))
    assert (of_dagster["run_id"], of_dagster["job_name"]) == ("r2", "refresh")
    assert "step_key" not in of_dagster


def test_an_event_is_its_fields_as_json_and_as_text() -> None:
    event = Event("GET /healthz 200", status=200, org=None)
    found = line(record(event))
    assert (found["message"], found["status"], found["org"]) == ("GET /healthz 200", 200, None)
    assert json.loads(record(event).getMessage()) == {"status": 200, "org": None}


def test_what_a_library_sends_to_a_stream_of_its_own_is_json_once(capfd: pytest.CaptureFixture[str]) -> None:
    """In a process of its own, since logging is set up for good."""
    program = """
import logging, sys, threading, warnings
early = logging.getLogger("early")
early.addHandler(logging.StreamHandler(sys.stderr))
from warehouse.logs import configure_logs
from warehouse.settings import Settings
configure_logs(Settings(log_format="json"))
late = logging.getLogger("late")
handler = logging.StreamHandler(sys.stderr)
handler.setFormatter(logging.Formatter("not json: %(message)s"))
late.addHandler(handler)
early.warning("one")
late.warning("two")
warnings.warn("three")
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
raise ValueError("five")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    lines = [json.loads(text) for text in io.StringIO(done.stderr)]
    assert [found["logger"] for found in lines] == ["early", "late", "py.warnings", "uncaught", "uncaught"]
    assert "ZeroDivisionError" in lines[3]["exception"]
    assert "ValueError: five" in lines[4]["exception"]
