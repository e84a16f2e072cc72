"""The outbox as Dagster and the command line run it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest
from pydantic import SecretStr

from alerts.delivery.overview import forget_old, read_overview
from alerts.lifecycle import Action
from pipelines.jobs import notify
from pipelines.outbox_sensor import notices_due
from tests.integration.command_line import CommandLine
from tests.integration.notice_ground import Ground, MovableClock, empty_store
from tests.integration.receivers import Hook, Mailbox, http_server, mail_server
from warehouse.settings import Settings


@pytest.fixture
def hook() -> Iterator[Hook]:
    with http_server() as running:
        yield running


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as running:
        yield running


@pytest.fixture(scope="module")
def database(new_database: Callable[[], str]) -> str:
    return new_database()


@pytest.fixture
def ground(database: str, tmp_path: Path) -> Iterator[Ground]:
    settings = Settings(home=tmp_path, warehouse_url=database, alerts_send_timeout_seconds=2, _env_file=None)
    with empty_store(settings) as engine:
        yield Ground(settings, engine, MovableClock())


def ticked(settings: Settings, instance: dg.DagsterInstance) -> dg.RunRequest | dg.SkipReason:
    context = dg.build_sensor_context(instance=instance, resources={"settings": settings})
    answer = notices_due(context)
    assert isinstance(answer, dg.RunRequest | dg.SkipReason)
    return answer


def test_the_sensor_starts_a_run_that_sends_and_shows_who_could_not_be_reached(ground: Ground, hook: Hook) -> None:
    hook.script = [(410, {}, b"gone")]
    settings = ground.settings.model_copy(update={"alerts_webhook_url": SecretStr(hook.url)})
    with dg.DagsterInstance.ephemeral() as instance:
        assert ticked(settings, instance) == dg.SkipReason("Nothing is due.")
        ground.opens("a")
        asked = ticked(settings, instance)
        assert isinstance(asked, dg.RunRequest)
        run = notify.execute_in_process(instance=instance, resources={"settings": settings}, tags=asked.tags)
        (output,) = (event for event in run.all_events if event.event_type_value == "STEP_OUTPUT")
        metadata = output.step_output_data.metadata
        assert metadata["messages_failed"].value == 1
        assert f"http://127.0.0.1:{hook.port}/…" in metadata["targets_in_trouble"].value
        assert ticked(settings, instance) == dg.SkipReason("Nothing is due.")


def test_without_a_target_the_sensor_writes_notices_off_and_starts_nothing(ground: Ground) -> None:
    ground.opens("a")
    with dg.DagsterInstance.ephemeral() as instance:
        assert isinstance(ticked(ground.settings, instance), dg.SkipReason)
    assert read_overview(ground.settings).without_target == 1


def test_old_messages_are_forgotten_when_their_alerts_are_over(ground: Ground, hook: Hook) -> None:
    ground = Ground(
        ground.settings.model_copy(update={"alerts_webhook_url": SecretStr(hook.url)}), ground.engine, ground.clock
    )
    over = ground.opens("over")
    ground.clock.move(minutes=2)
    ground.delivers()
    ground.opens("still open", organization_id=2)
    ground.goes_on(over, Action.RESOLVE)
    ground.clock.move(minutes=2)
    ground.delivers()
    ground.clock.move(days=90)
    assert forget_old(ground.settings, ground.clock()) == 4  # two messages of a notice each
    assert [standing.sent for standing in read_overview(ground.settings).targets] == [1]


@pytest.fixture
def command(ground: Ground) -> CommandLine:
    url = ground.settings.required("warehouse_url")
    return CommandLine(ground.settings.home).having(
        CORBI_WAREHOUSE_URL=url, CORBI_SOURCE_URL=url, CORBI_DAGSTER_URL=url, CORBI_HASH_KEY="k"
    )


def test_a_test_message_goes_to_every_target_and_says_which_failed(
    command: CommandLine, hook: Hook, mailbox: Mailbox
) -> None:
    command = command.having(
        ALERTS_WEBHOOK_URL=hook.url, ALERTS_EMAIL_TO="ops@example.com, oncall@example.com",
        ALERTS_NOTIFY_URLS=f"json://127.0.0.1:{hook.port}/a-secret-path", CORBI_SMTP_HOST="127.0.0.1",
        CORBI_SMTP_PORT=str(mailbox.port), CORBI_SMTP_TLS="none",
    )  # fmt: skip
    assert command.succeed("notifications", "--test").count("ok") == 4
    assert sorted(mailbox.recipients) == ["oncall@example.com", "ops@example.com"]
    assert json.loads(hook.calls[0].body)["type"] == "test"
    hook.script = [(500, {}, b"broken")]
    tried = command.run("notifications", "--test")
    assert tried.returncode == 1
    assert f"FAILED   http://127.0.0.1:{hook.port}/…" in tried.stdout
    assert "HTTP 500 broken" in tried.stdout
    assert "a-secret-path" not in tried.stdout + tried.stderr


def test_an_organizations_targets_are_added_listed_and_removed_without_showing_a_secret(
    command: CommandLine, ground: Ground, hook: Hook
) -> None:
    key = command.home / "key"
    key.write_text("the signing key\n")
    added = command.succeed("notifications", "targets", "add", "7", "webhook", hook.url, "--secret-file", str(key))
    listed = command.succeed("notifications", "targets", "list", "--json")
    (target,) = json.loads(listed)
    assert (target["organization_id"], target["is_signed"], target["target"]) == (7, True, "target:1")
    assert "the signing key" not in added + listed
    assert "a-secret-path" not in added + listed
    ground.opens("a", organization_id=7)
    ground.opens("a", organization_id=8)
    sent = command.succeed("notifications", "--send")
    assert "1 had nobody to tell" in sent
    assert [json.loads(call.body)["organization_id"] for call in hook.calls] == [7]
    assert "x-corbi-signature" in hook.calls[0].headers
    command.succeed("notifications", "targets", "remove", "1")
    assert command.run("notifications", "targets", "remove", "1").returncode == 1


@pytest.mark.parametrize(("channel", "address"), [("webhook", "ftp://secret"), ("email", "a b"), ("service", "no://x")])
def test_an_address_that_can_not_be_one_is_refused_without_repeating_it(
    command: CommandLine, channel: str, address: str
) -> None:
    refused = command.run("notifications", "targets", "add", "7", channel, address)
    assert refused.returncode == 1
    assert address not in refused.stderr


def test_what_failed_is_shown_and_put_back(command: CommandLine, ground: Ground, hook: Hook) -> None:
    command = command.having(CORBI_ALERTS_WEBHOOK_URL=hook.url)
    hook.script = [(404, {}, b"")]
    ground.opens("a")
    command.succeed("notifications", "--send")
    shown = command.succeed("notifications")
    assert f"http://127.0.0.1:{hook.port}/…: 0 pending, 0 sent, 1 failed" in shown
    assert "last error: HTTP 404" in shown
    assert "1 failed messages were put back" in command.succeed("notifications", "--retry", "--send")
    assert len(hook.by_key) == 1
    (standing,) = json.loads(command.succeed("notifications", "--json"))["targets"]
    assert (standing["sent"], standing["failed"], standing["last_error"]) == (1, 0, None)
