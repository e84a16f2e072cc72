"""Commands on a real operational database: over TCP, with a role that may only read what the README grants it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from demo.history import fill
from demo.postgres import EmbeddedPostgres
from tests.integration.command_line import CommandLine
from tests.integration.tcp_server import PASSWORD, tcp_server
from warehouse.settings import Settings
from warehouse.status import read_status

README = Path(__file__).parents[2] / "README.md"
READER_PASSWORD = "reader's secret"


class Platform:
    """An operational database, and the URL of a role that may only read it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.owner_url = f"postgresql://postgres:{quote(PASSWORD)}@{address}/postgres"
        self.reader_url = f"postgresql://corbi_monitoring:{quote(READER_PASSWORD)}@{address}/postgres"

    def execute(self, statement: str) -> None:
        """Runs a statement as the owner."""
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def altered(self, statement: str, back: str) -> Iterator[None]:
        """Runs a statement for the length of the block."""
        self.execute(statement)
        try:
            yield
        finally:
            self.execute(back)


@pytest.fixture(scope="module")
def platform(server: EmbeddedPostgres) -> Iterator[Platform]:
    assert server
    with tcp_server() as address:
        platform = Platform(address)
        fill(platform.owner_url, messages=2000, seed=3, now=datetime.now(UTC), days=3, organizations=3)
        grants = next(re.finditer(r"```sql\n(create role corbi_monitoring .*?)```", README.read_text(), re.DOTALL))
        platform.execute(grants[1].replace("password '…'", f"password {_literal(READER_PASSWORD)}"))
        yield platform


@pytest.fixture
def command(platform: Platform, new_database: Callable[[], str], tmp_path: Path) -> CommandLine:
    """The command with every database of its own, so that no embedded server is started."""
    return CommandLine(
        tmp_path,
        {
            "CORBI_SOURCE_URL": platform.reader_url,
            "CORBI_WAREHOUSE_URL": new_database(),
            "CORBI_DAGSTER_URL": new_database(),
            "CORBI_HASH_KEY": "key",
            "CORBI_SECRET_KEY": "x" * 32,
        },
    )


def test_the_grants_of_the_readme_are_enough(command: CommandLine) -> None:
    report = command.document("refresh")
    assert report["extract"]["is_first_load"]
    assert report["changed"] > 2000
    assert command.document("verify")["differences"] == []
    command.succeed("alerts", "evaluate")
    assert {finding["is_problem"] for finding in command.document("doctor")} == {False}
    assert not (command.home / "postgres").exists()


def test_the_doctor_says_that_nobody_judges_alerts_until_somebody_does(command: CommandLine) -> None:
    assert "ok       alerts: there are no figures to judge yet" in command.run("doctor").stdout
    command.succeed("refresh")
    before = command.run("doctor")
    assert before.returncode == 1
    assert "PROBLEM  alerts: were never evaluated, though the warehouse has 1 pass" in before.stdout
    assert "`corbi-monitoring alerts evaluate`" in before.stdout
    command.succeed("alerts", "evaluate")
    assert "ok       alerts: evaluated at" in command.succeed("doctor")


def test_a_missing_right_is_named_and_the_statement_given_mends_it(command: CommandLine, platform: Platform) -> None:
    for table in ("messaging_providerevent", "auth_user"):
        platform.execute(f"revoke select on {table} from corbi_monitoring")
    message = command.fail("refresh")
    assert "public.messaging_providerevent" in message
    assert "public.auth_user" in message
    assert not _is_loaded(command)
    findings = command.run("doctor")
    assert findings.returncode == 1
    assert "no right to read public.messaging_providerevent" in findings.stdout
    for statement in re.findall(r"grant .*;", message):
        platform.execute(statement)
    assert command.document("refresh")["extract"]["is_first_load"]


def test_a_right_taken_away_leaves_what_was_loaded_and_the_next_pass_goes_on(
    command: CommandLine, platform: Platform
) -> None:
    command.succeed("refresh")
    before = read_status(_settings(command))
    message_insert = "update messaging_outboundmessage set status = 'failed' where id % 7 = 0"
    with platform.altered(
        "revoke select on messaging_campaign from corbi_monitoring",
        "grant select on messaging_campaign to corbi_monitoring",
    ):
        platform.execute(message_insert)
        assert 'grant select on "public"."messaging_campaign" to "corbi_monitoring";' in command.fail("refresh")
        assert read_status(_settings(command)) == before
    assert command.document("refresh")["changed"] > 0
    assert command.document("verify")["is_equal"]


def test_a_missing_table_is_named(command: CommandLine, platform: Platform) -> None:
    with platform.altered(
        "alter table messaging_emailjob rename to gone", "alter table gone rename to messaging_emailjob"
    ):
        assert "table public.messaging_emailjob is missing" in command.fail("refresh")
        assert not _is_loaded(command)
    command.succeed("refresh")


def test_a_missing_column_is_named(command: CommandLine, platform: Platform) -> None:
    with platform.altered(
        "alter table messaging_outboundmessage rename failed_at to gone",
        "alter table messaging_outboundmessage rename gone to failed_at",
    ):
        assert "column public.messaging_outboundmessage.failed_at is missing" in command.fail("refresh")
    command.succeed("refresh")


def test_a_schema_that_is_not_there_is_named(command: CommandLine) -> None:
    assert 'schema "elsewhere" is missing' in command.having(CORBI_SOURCE_SCHEMA="elsewhere").fail("refresh")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://corbi_monitoring:reader%27s%20secret@127.0.0.1:1/postgres",
        "postgresql://corbi_monitoring:reader%27s%20secret@no-such-host.invalid/postgres",
        "postgresql://corbi_monitoring:reader%27s%20secret@{address}/no_such_database",
        "postgresql://nobody:reader%27s%20secret@{address}/postgres",
    ],
)
@pytest.mark.parametrize("name", ["refresh", "verify", "doctor"])
def test_a_source_that_cannot_be_reached_is_said_without_its_password(
    command: CommandLine, platform: Platform, name: str, url: str
) -> None:
    unreachable = command.having(CORBI_SOURCE_URL=url.format(address=platform.address))
    done = unreachable.run(name)
    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert "CORBI_SOURCE_URL" in said
    assert "Traceback" not in said
    assert "secret" not in said


def test_a_warehouse_that_cannot_be_reached_is_said_without_its_password(command: CommandLine) -> None:
    unreachable = command.having(CORBI_WAREHOUSE_URL="postgresql://corbi:my%20secret@127.0.0.1:1/warehouse")
    for name in ("refresh", "verify", "retention", "doctor"):
        done = unreachable.run(name)
        said = done.stdout + done.stderr
        assert done.returncode == 1
        assert "CORBI_WAREHOUSE_URL" in said
        assert "Traceback" not in said
        assert "secret" not in said


def test_the_source_alone_may_be_given(command: CommandLine, platform: Platform) -> None:
    alone = CommandLine(command.home, {"CORBI_SOURCE_URL": platform.reader_url})
    assert alone.document("refresh")["extract"]["is_first_load"]
    assert (alone.home / "postgres").exists()
    assert "CORBI_SECRET_KEY" in alone.run("doctor").stdout


def test_whoever_writes_to_a_given_warehouse_must_say_the_hash_key(command: CommandLine) -> None:
    settings = {name: value for name, value in command.settings.items() if name != "CORBI_HASH_KEY"}
    assert "CORBI_HASH_KEY" in CommandLine(command.home, settings).fail("refresh")


def test_the_demonstration_never_writes_to_a_given_source(command: CommandLine) -> None:
    for arguments in (("demo",), ("demo", "--once"), ("traffic",)):
        assert "CORBI_SOURCE_URL is set" in command.fail(*arguments)


def _settings(command: CommandLine) -> Settings:
    return Settings(
        home=command.home,
        warehouse_url=command.settings["CORBI_WAREHOUSE_URL"],
        lake_path=str(command.home / "lake"),
    )


def _is_loaded(command: CommandLine) -> bool:
    return "nothing has been loaded yet" not in command.run("doctor").stdout


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
