"""The command line on the embedded default: the demonstration, and every other command on what it leaves behind."""

import json
import re
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import psutil
import pytest

from cli.composition import composed
from tests.integration.command_line import CommandLine
from warehouse.lake.connection import open_lake, transaction
from warehouse.settings import Settings

DAY = timedelta(days=1)
HISTORY = ("--messages", "2000", "--days", "3", "--seed", "5")


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """The command in a folder that `demo --once` has filled."""
    filled = CommandLine(tmp_path_factory.mktemp("demo"))
    filled.succeed("demo", "--once", *HISTORY)
    return filled


@pytest.fixture
def falsified(command: CommandLine) -> Iterator[str]:
    """One wrong figure in the lake, for the length of a test; gives its measure."""
    yesterday = datetime.now(UTC).date() - DAY
    _alter(command, f"update lake.rollup.channel_day set failed = failed + 3 where day = date '{yesterday}'")
    yield "failed"
    _alter(command, f"update lake.rollup.channel_day set failed = failed - 3 where day = date '{yesterday}'")


def test_a_demonstration_gives_figures_and_another_goes_on_with_the_same_data(command: CommandLine) -> None:
    first = command.document("demo", "--once", *HISTORY)
    assert first["verify"]["is_equal"]
    assert first["verify"]["figures"] > 1000
    assert first["metrics"]["outbound"] > 0
    assert first["metrics"]["channels"].keys() == {"whatsapp", "email", "telegram", "instagram"}
    again = command.document("demo", "--once", "--messages", "50", "--seed", "6")
    assert again["metrics"]["outbound"] == first["metrics"]["outbound"]
    assert again["metrics"]["as_of"] > first["metrics"]["as_of"]


def test_the_state_is_all_under_the_home_and_its_keys_are_the_owners_alone(command: CommandLine) -> None:
    for name in ("secret_key", "hash_key"):
        assert stat.S_IMODE((command.home / name).stat().st_mode) == 0o600
    assert {path.name for path in command.home.iterdir()} >= {"lake", "postgres"}
    assert not _server_processes(command.home)


def test_every_command_that_prints_figures_prints_json(command: CommandLine) -> None:
    assert command.document("refresh")["extract"]["is_first_load"] is False
    assert command.document("refresh", "--sweep", "--compare-ids")["extract"]["is_sweep"]
    assert command.document("verify")["is_equal"]
    assert command.document("retention", "--dry-run")["is_dry_run"]
    assert command.document("retention")["boundaries"].keys() >= {"raw_from", "day_from"}
    assert {finding["is_problem"] for finding in command.document("doctor")} == {False}


def test_the_texts_of_the_warehouse_are_listed_with_their_counts(command: CommandLine) -> None:
    listed = command.document("reasons", "--from-warehouse")
    assert {one["channel"] for one in listed} == {"whatsapp", "email", "telegram", "instagram"}
    counts = [one["count"] for one in listed]
    assert counts == sorted(counts, reverse=True)
    with composed(Settings(home=command.home)) as composition, open_lake(composition.settings) as lake:
        stored = lake.execute(
            "select distinct channel, template, reason from lake.rollup.failure_reason "
            "semi join lake.rollup.failure_hour using (channel, template)"
        ).fetchall()
        failed = lake.execute("select sum(failed) from lake.rollup.failure_hour").fetchall()
    assert sorted((one["channel"], one["template"], one["reason"]) for one in listed) == sorted(stored)
    assert [(sum(counts),)] == failed
    unknown = command.document("reasons", "--from-warehouse", "--unknown", "--channel", "email")
    assert unknown == [one for one in listed if one["reason"] == "unknown" and one["channel"] == "email"]


def test_a_static_report_of_a_week_is_written_without_an_error(command: CommandLine) -> None:
    report = command.home / "week.html"
    command.succeed("explore", "--report", str(report))
    text = report.read_text()
    assert "Why did failures rise?" in text
    assert "vegalite" in text


def test_a_day_is_backfilled_as_often_as_one_likes(command: CommandLine) -> None:
    today = datetime.now(UTC).date()
    _alter(command, f"update lake.rollup.channel_hour set failed = failed + 3 where day = date '{today - DAY}'")
    days = ("--from", str(today - 2 * DAY), "--to", str(today))
    assert command.document("backfill", *days)["rollup"]["hours"] >= 48
    assert command.document("backfill", *days)["changed"] == 0
    assert command.document("verify")["is_equal"]


def test_a_range_of_days_that_cannot_be_is_named(command: CommandLine) -> None:
    assert "from 2026-03-02 to 2026-03-01" in command.fail("backfill", "--from", "2026-03-02", "--to", "2026-03-01")
    assert "future" in command.fail("backfill", "--from", "2999-01-01", "--to", "2999-01-02")
    wrong = command.run("backfill", "--from", "2026-02-30", "--to", "2026-03-01")
    assert wrong.returncode == 2
    assert "'2026-02-30' is not a day" in wrong.stderr


def test_verify_prints_every_difference_and_exits_with_1(command: CommandLine, falsified: str) -> None:
    text = command.run("verify")
    assert text.returncode == 1
    told = [line for line in text.stdout.splitlines() if line.startswith("channels by day")]
    document = command.run("verify", "--json")
    assert document.returncode == 1
    differences = json.loads(document.stdout)["differences"]
    assert len(told) == len(differences) > 0
    assert {difference["measure"] for difference in differences} == {falsified}
    assert {difference["found"] - difference["expected"] for difference in differences} == {3}
    # The warehouse is on the same server, so that its own writes move the source's counter.
    looked = command.run("verify", "--no-refresh", "--json")
    assert looked.returncode == 3
    assert json.loads(looked.stdout)["differences"] == differences


def test_a_reload_mends_whatever_was_wrong(command: CommandLine) -> None:
    _alter(command, "delete from lake.rollup.channel_day")
    assert command.document("refresh", "--reload")["extract"]["is_first_load"]
    assert command.document("verify")["is_equal"]


def test_a_token_is_for_a_user_the_demonstration_has(command: CommandLine) -> None:
    assert command.succeed("token", "--user", "both", "--ttl", "60").count(".") == 2
    assert "no user 'nobody'" in command.fail("token", "--user", "nobody")
    elsewhere = command.having(CORBI_SOURCE_URL="postgresql://db.example.com/corbi")
    assert "CORBI_SOURCE_URL is set" in elsewhere.fail("token", "--user", "admin")


def test_an_empty_home_is_told_where_to_begin(tmp_path: Path) -> None:
    empty = CommandLine(tmp_path)
    for name in ("refresh", "verify", "retention"):
        assert "run `corbi-monitoring demo` first" in empty.fail(name)
    found = empty.run("doctor")
    assert found.returncode == 1
    assert "nothing has been loaded yet" in found.stdout


def test_a_setting_that_cannot_work_is_named(tmp_path: Path) -> None:
    assert "CORBI_REFRESH_SECONDS" in CommandLine(tmp_path, {"CORBI_REFRESH_SECONDS": "1"}).fail("refresh")
    assert "CORBI_HOME" in CommandLine(tmp_path, {"CORBI_HOME": "/dev/null/home"}).fail("refresh")


def test_a_port_in_use_is_told_at_once_with_the_setting_to_change(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for name in ("CORBI_API_PORT", "CORBI_DAGSTER_PORT", "CORBI_DASHBOARD_PORT"):
            message = CommandLine(tmp_path, _free_ports() | {name: port}).fail("demo")
            assert f"Port {port}" in message
            assert name in message
    assert not any(tmp_path.iterdir())


def test_the_demonstration_serves_until_it_is_interrupted_and_leaves_no_process(command: CommandLine) -> None:
    with LiveDemo(command, CORBI_LOG_FORMAT="json", CORBI_LOG_LEVEL="DEBUG") as live:
        children = psutil.Process(live.process.pid).children(recursive=True)
        assert live.metrics()["outbound"] > 0
        second = live.command.having(**_free_ports(), CORBI_LOG_FORMAT="text", CORBI_LOG_LEVEL="INFO")
        assert "A demonstration runs on" in second.fail("demo")
        before = live.metrics()["as_of"]
        while live.metrics()["as_of"] == before:
            assert live.process.poll() is None
            time.sleep(0.5)
        live.process.send_signal(signal.SIGINT)
        _, told = live.process.communicate()
        assert live.process.returncode == 0
    assert not [child for child in children if _lives(child)]
    assert not _server_processes(command.home)
    of_runs = "".join(path.read_text() for path in (command.home / "dagster" / "compute_logs").rglob("*.err"))
    texts = {path.stem: path.read_text() for path in (command.home / "logs").iterdir()}
    assert texts.keys() == {"api", "dashboards", "dagster-webserver", "dagster-daemon", "live-traffic"}
    texts |= {"demo": told, "runs": of_runs}
    lines = {process: [json.loads(line) for line in text.splitlines()] for process, text in texts.items()}
    assert all(line.keys() >= {"time", "level", "logger", "message"} for of_one in lines.values() for line in of_one)
    assert all("request_id" in line for line in lines["api"] if line["logger"] == "api.request")
    assert any("run_id" in line for line in lines["runs"])


def test_a_service_that_dies_is_told_and_stops_the_demonstration(command: CommandLine) -> None:
    with LiveDemo(command) as live:
        children = psutil.Process(live.process.pid).children(recursive=True)
        next(child for child in children if "traffic" in child.cmdline()).kill()
        _, told = live.process.communicate()
        assert live.process.returncode == 1
        assert "Live traffic was ended by signal 9" in told
    assert not [child for child in children if _lives(child)]
    assert not _server_processes(command.home)


class LiveDemo:
    """A demonstration that has told that it is ready."""

    def __init__(self, command: CommandLine, **settings: str) -> None:
        self.command = command.having(**_free_ports(), CORBI_REFRESH_SECONDS="10", **settings)
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "cli.main", "demo", "--rate", "20"],
            cwd=command.home,
            env=self.command.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        assert self.process.stdout is not None
        said = ""
        while "Ctrl-C stops everything" not in said:
            line = self.process.stdout.readline()
            assert line, self.process.stderr and self.process.stderr.read()
            said += line
        found = re.search(r"Bearer ([\w.-]+)' (http://\S+)", said)
        assert found
        self._token, self._url = found.groups()
        return self

    def metrics(self) -> Any:
        """What the curl that was printed gives."""
        request = urllib.request.Request(self._url, headers={"Authorization": f"Bearer {self._token}"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.communicate()


def _alter(command: CommandLine, statement: str) -> None:
    settings = Settings(home=command.home)
    with composed(settings) as composition, open_lake(composition.settings) as lake, transaction(lake):
        lake.execute(statement)


def _server_processes(home: Path) -> list[int]:
    """Living PostgreSQL servers of a home."""
    return [
        process.pid
        for process in psutil.process_iter(["name", "cmdline", "status"])
        if process.info["name"] == "postgres" and str(home / "postgres") in (process.info["cmdline"] or [])
    ]


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _free_ports() -> dict[str, str]:
    return {f"CORBI_{part}_PORT": str(_free_port()) for part in ("API", "DAGSTER", "DASHBOARD")}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
