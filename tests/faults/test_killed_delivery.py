"""A delivery that is killed between sending and recording: nothing is lost, and what comes twice is known by its key.

The receiver holds its answer until the sending process is dead, so the kill always falls into that gap.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from alerts.delivery.overview import read_overview
from tests.integration.notice_ground import Ground, MovableClock, empty_store
from tests.integration.receivers import Hook, Mailbox, http_server, mail_server
from warehouse.settings import Settings

DELIVER = """
import datetime, os
from alerts.delivery.run import deliver_due
from alerts.delivery.transports import transports
from warehouse.settings import load_settings
now = datetime.datetime.fromisoformat(os.environ["NOW"])
settings = load_settings()
deliver_due(settings, lambda: now, transports(settings))
"""


@pytest.fixture(scope="module")
def database(new_database: Callable[[], str]) -> str:
    return new_database()


@pytest.fixture
def ground(database: str, tmp_path: Path) -> Iterator[Ground]:
    settings = Settings(home=tmp_path, warehouse_url=database, alerts_send_timeout_seconds=30, _env_file=None)
    with empty_store(settings) as engine:
        yield Ground(settings, engine, MovableClock())


def start_delivery(ground: Ground) -> subprocess.Popen[bytes]:
    settings = ground.settings
    given = {
        "CORBI_HOME": str(settings.home),
        "CORBI_WAREHOUSE_URL": settings.required("warehouse_url"),
        "CORBI_ALERTS_SEND_TIMEOUT_SECONDS": "30",
        "CORBI_ALERTS_WEBHOOK_URL": settings.alerts_webhook_url and settings.alerts_webhook_url.get_secret_value(),
        "CORBI_ALERTS_EMAIL_TO": settings.alerts_email_to,
        "CORBI_SMTP_HOST": settings.smtp_host,
        "CORBI_SMTP_PORT": str(settings.smtp_port),
        "CORBI_SMTP_TLS": settings.smtp_tls,
        "NOW": ground.clock().isoformat(),
    }
    environment = {**os.environ, **{name: value for name, value in given.items() if value}}
    return subprocess.Popen([sys.executable, "-c", DELIVER], env=environment, stderr=subprocess.PIPE)


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def deliver_until_quiet(ground: Ground) -> None:
    for _ in range(10):
        ground.clock.move(minutes=1)
        ground.delivers()


def test_a_webhook_that_was_taken_before_the_kill_is_sent_again_with_its_key_and_counts_once(ground: Ground) -> None:
    with http_server() as hook:
        ground = with_hook(ground, hook)
        ground.opens("a")
        ground.clock.move(minutes=1)
        hook.script = ["hang"]
        process = start_delivery(ground)
        hook.arrivals.get(timeout=60)
        kill(process)
        hook.released.set()
        assert ground.delivers().sent == 0  # the dead process's claim holds on for a while
        deliver_until_quiet(ground)
        assert len(hook.calls) == 2
        assert len(hook.by_key) == 1
        assert hook.calls[0].body == hook.calls[1].body
    assert [(standing.sent, standing.pending) for standing in read_overview(ground.settings).targets] == [(1, 0)]


def test_a_mail_that_was_taken_before_the_kill_is_sent_again_with_its_message_id_and_counts_once(
    ground: Ground,
) -> None:
    with mail_server() as mailbox:
        ground = with_mail(ground, mailbox)
        ground.opens("a")
        ground.clock.move(minutes=1)
        mailbox.holds_after_data = True
        process = start_delivery(ground)
        assert mailbox.taken.wait(60)
        kill(process)
        mailbox.holds_after_data = False
        deliver_until_quiet(ground)
        assert len(mailbox.mails) == 2
        assert len(mailbox.by_id) == 1
        assert mailbox.mails[0].as_bytes() == mailbox.mails[1].as_bytes()


def test_a_delivery_that_is_killed_at_any_moment_locks_nothing_and_loses_nothing(ground: Ground) -> None:
    with http_server() as hook:
        ground = with_hook(ground, hook)
        for organization_id in range(1, 41):
            ground.opens("a", organization_id=organization_id)
        ground.clock.move(minutes=1)
        for kills in range(4):
            process = start_delivery(ground)
            for _ in range(3 + 2 * kills):
                hook.arrivals.get(timeout=60)
            kill(process)
            with psycopg.connect(ground.settings.required("warehouse_url")) as connection:
                connection.execute("set lock_timeout = '5s'")
                connection.execute("select from alert.message for update")
            ground.clock.move(minutes=3)
        deliver_until_quiet(ground)
        assert len(hook.by_key) == 40
        assert len(hook.calls) <= 40 + 4
    assert [(standing.sent, standing.pending) for standing in read_overview(ground.settings).targets] == [(40, 0)]


def with_hook(ground: Ground, hook: Hook) -> Ground:
    return Ground(
        ground.settings.model_copy(update={"alerts_webhook_url": SecretStr(hook.url)}), ground.engine, ground.clock
    )


def with_mail(ground: Ground, mailbox: Mailbox) -> Ground:
    values = {
        "alerts_email_to": "ops@example.com", "smtp_host": "127.0.0.1", "smtp_port": mailbox.port, "smtp_tls": "none",
    }  # fmt: skip
    return Ground(ground.settings.model_copy(update=values), ground.engine, ground.clock)
