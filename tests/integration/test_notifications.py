"""From an alert's change to what arrives: at a real mail server and a real HTTP server, by a clock that is moved."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from alerts.database import transaction
from alerts.delivery.overview import read_overview, requeue_failed
from alerts.lifecycle import Action
from alerts.model import Alert
from alerts.store import By, bump, step
from alerts.vocabulary import Reason, Severity
from tests.integration.notice_ground import Ground, MovableClock, empty_store
from tests.integration.receivers import CLOSE, HANG, Hook, Mailbox, http_server, mail_server
from warehouse.settings import Settings

SECRET = "a long secret that both sides know"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as running:
        yield running


@pytest.fixture
def hook() -> Iterator[Hook]:
    with http_server() as running:
        yield running


@pytest.fixture(scope="module")
def database(new_database: Callable[[], str]) -> str:
    return new_database()


@pytest.fixture
def ground(database: str, tmp_path: Path, mailbox: Mailbox) -> Iterator[Ground]:
    """An empty store, and no target yet; the mail server is set."""
    settings = Settings(
        home=tmp_path, warehouse_url=database, smtp_host="127.0.0.1", smtp_port=mailbox.port, smtp_tls="none",
        smtp_from="Corbi <alerts@corbi.example>", dashboard_url="https://dash.example.com",
        alerts_send_timeout_seconds=2, _env_file=None,
    )  # fmt: skip
    with empty_store(settings) as engine:
        yield Ground(settings, engine, MovableClock())


def mailed(ground: Ground) -> Ground:
    return with_settings(ground, alerts_email_to="ops@example.com")


def hooked(ground: Ground, hook: Hook) -> Ground:
    return with_settings(ground, alerts_webhook_url=SecretStr(hook.url), alerts_webhook_secret=SecretStr(SECRET))


def with_settings(ground: Ground, **values: object) -> Ground:
    return Ground(ground.settings.model_copy(update=values), ground.engine, ground.clock)


def test_a_notice_waits_for_others_and_an_incident_is_one_message(ground: Ground, mailbox: Mailbox) -> None:
    ground = mailed(ground)
    for number in range(50):
        ground.opens(f"subject {number}")
        ground.clock.move(seconds=1)
    assert ground.delivers().sent == 0
    ground.clock.move(seconds=10)
    assert ground.delivers().sent == 1
    (mail,) = mailbox.mails
    assert mail["Subject"] == "[Organization 1] Critical - 12.4 % of e-mails bounce, and 49 more"
    assert ground.delivers().sent == 0


def test_each_organization_has_messages_of_its_own(ground: Ground, mailbox: Mailbox) -> None:
    ground = mailed(ground)
    for organization_id in (1, 2, 3):
        ground.opens("a", organization_id=organization_id)
        ground.opens("b", organization_id=organization_id)
    ground.clock.move(seconds=60)
    assert ground.delivers().sent == 3
    assert {mail["Subject"].partition("]")[0] for mail in mailbox.mails} == {
        "[Organization 1", "[Organization 2", "[Organization 3",
    }  # fmt: skip


def test_open_escalation_and_resolve_are_one_thread(ground: Ground, mailbox: Mailbox) -> None:
    ground = mailed(ground)
    alert_id = ground.opens("a")
    ground.clock.move(minutes=1)
    ground.delivers()
    ground.clock.move(minutes=30)
    ground.goes_on(alert_id, Action.ESCALATE)
    ground.clock.move(minutes=1)
    ground.delivers()
    ground.clock.move(minutes=73)
    ground.goes_on(alert_id, Action.RESOLVE)
    ground.clock.move(minutes=1)
    ground.delivers()
    first, second, third = mailbox.mails
    assert "In-Reply-To" not in first
    assert second["In-Reply-To"] == first["Message-ID"]
    assert third["In-Reply-To"] == second["Message-ID"]
    assert third["References"].split() == [first["Message-ID"], second["Message-ID"]]
    assert "still not acknowledged" in second["Subject"]
    assert third["Subject"].endswith("Resolved - 12.4 % of e-mails bounce (lasted 1 h 45 min)")
    body = third.get_body(("plain",))
    assert body is not None
    assert "18\u00a0% (limit 5\u00a0%)" in body.get_content()


def test_a_message_says_what_was_true_when_it_happened(ground: Ground, hook: Hook) -> None:
    ground = hooked(ground, hook)
    alert_id = ground.opens("a")
    ground.clock.move(minutes=2)
    ground.goes_on(alert_id, Action.RESOLVE)
    ground.clock.move(minutes=2)
    ground.delivers()
    (call,) = hook.calls
    told = json.loads(call.body)
    assert [(notice["kind"], notice["alert"]["status"]) for notice in told["notices"]] == [
        ("opened", "open"), ("resolved", "resolved"),
    ]  # fmt: skip


def test_the_same_state_is_no_news_and_a_worse_one_is(ground: Ground, hook: Hook) -> None:
    ground = hooked(ground, hook)
    alert_id = ground.opens("a", severity=Severity.WARN)
    ground.clock.move(minutes=1)
    assert ground.delivers().sent == 1
    ground.opens_again(alert_id)
    ground.clock.move(minutes=1)
    report = ground.delivers()
    assert (report.sent, report.notices) == (0, {"no_news": 1})
    ground.goes_on(alert_id, Action.WORSEN, Severity.CRITICAL)
    ground.clock.move(minutes=1)
    assert ground.delivers().sent == 1
    assert json.loads(hook.calls[-1].body)["notices"][0]["kind"] == "severity_raised"


def test_a_change_that_is_rolled_back_tells_nobody(ground: Ground, hook: Hook) -> None:
    ground = hooked(ground, hook)
    alert_id = ground.opens("a")
    ground.clock.move(minutes=1)
    ground.delivers()

    with transaction(ground.engine) as session:
        bump(session, [1])
        step(session, session.get_one(Alert, alert_id), Action.RESOLVE, By(Reason.CLEARED, ground.clock()))
        session.rollback()
    ground.clock.move(minutes=5)
    assert ground.delivers().notices == {}
    assert len(hook.calls) == 1


def test_without_a_target_notices_are_recorded_and_nothing_else_happens(ground: Ground) -> None:
    ground.opens("a")
    ground.clock.move(minutes=5)
    report = ground.delivers()
    assert (report.notices, report.sent, report.failed) == ({"no_target": 1}, 0, 0)
    assert read_overview(ground.settings).without_target == 1
    assert mailed(ground).delivers().sent == 0


@pytest.mark.parametrize("trouble", ["421 come back later", HANG])
def test_a_mail_server_that_fails_or_hangs_and_comes_back_gets_each_mail_once(
    ground: Ground, mailbox: Mailbox, trouble: str
) -> None:
    ground = mailed(ground)
    mailbox.script = [trouble, trouble]
    ground.opens("a")
    for _ in range(12):
        ground.clock.move(minutes=1)
        ground.delivers()
    assert mailbox.attempts == 3
    assert len(mailbox.mails) == 1
    assert [standing.sent for standing in read_overview(ground.settings).targets] == [1]


def test_how_a_mail_server_takes_leave_does_not_make_a_mail_go_twice(ground: Ground, mailbox: Mailbox) -> None:
    ground = mailed(ground)
    mailbox.quit_answer = "500 no"
    ground.opens("a")
    for _ in range(5):
        ground.clock.move(minutes=5)
        ground.delivers()
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize(
    "trouble", [(503, {}, b"overloaded"), (429, {"Retry-After": "7"}, b""), (408, {}, b""), HANG, CLOSE]
)
def test_a_receiver_that_fails_hangs_or_hangs_up_gets_the_same_message_again_with_the_same_key(
    ground: Ground, hook: Hook, trouble: tuple[int, dict[str, str], bytes] | str
) -> None:
    ground = hooked(ground, hook)
    hook.script = [trouble, trouble]
    ground.opens("a")
    for _ in range(12):
        ground.clock.move(minutes=1)
        ground.delivers()
    assert len(hook.calls) == 3
    assert len(hook.by_key) == 1
    assert len({call.body for call in hook.calls}) == 1


def test_a_receiver_that_asks_to_wait_is_left_in_peace_for_so_long(ground: Ground, hook: Hook) -> None:
    ground = hooked(ground, hook)
    hook.script = [(503, {"Retry-After": "3600"}, b"")]
    ground.opens("a")
    ground.clock.move(minutes=1)
    assert ground.delivers().later == 1
    ground.clock.move(minutes=59)
    assert ground.delivers().later == 0
    ground.clock.move(minutes=1)
    assert ground.delivers().sent == 1


def test_what_happens_while_a_target_is_down_arrives_in_one_message_after_the_first(ground: Ground, hook: Hook) -> None:
    ground = hooked(ground, hook)
    hook.script = [(503, {}, b"")] * 6
    alert_id = ground.opens("a")
    for number in range(10):
        ground.clock.move(minutes=1)
        ground.opens(f"more {number}")
        ground.delivers()
    ground.goes_on(alert_id, Action.RESOLVE)
    for _ in range(40):
        ground.clock.move(minutes=2)
        ground.delivers()
    told = [json.loads(call.body) for call in hook.by_key.values()]
    assert [len(message["notices"]) for message in told] == [2, 10]
    assert told[1]["notices"][-1]["kind"] == "resolved"


def test_a_target_that_is_down_costs_one_attempt_a_pass_and_others_do_not_wait(
    ground: Ground, hook: Hook, mailbox: Mailbox
) -> None:
    ground = mailed(hooked(ground, hook))
    hook.script = [(503, {}, b"")]
    for organization_id in range(1, 11):
        ground.opens("a", organization_id=organization_id)
    ground.clock.move(minutes=1)
    report = ground.delivers()
    assert (report.sent, report.later) == (10, 1)
    assert len(mailbox.mails) == 10
    ground.clock.move(minutes=1)
    assert ground.delivers().sent == 10
    assert len(hook.by_key) == 10


def test_several_deliveries_at_once_send_each_message_once(ground: Ground, hook: Hook, mailbox: Mailbox) -> None:
    ground = mailed(hooked(ground, hook))
    for organization_id in range(1, 31):
        ground.opens("a", organization_id=organization_id)
    ground.clock.move(minutes=1)
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda _: ground.delivers(), range(4)))
    assert sum(report.sent for report in reports) == 60
    assert (len(hook.calls), len(mailbox.mails)) == (30, 30)


def test_notices_written_while_others_are_sent_are_neither_lost_nor_told_twice(ground: Ground, hook: Hook) -> None:
    ground = hooked(ground, hook)
    ground.clock.move(hours=1)
    late = Ground(ground.settings, ground.engine, MovableClock())

    def write(number: int) -> None:
        for each in range(10):
            late.opens(f"{number} {each}", organization_id=1 + each % 3)

    with ThreadPoolExecutor(6) as pool:
        writing = [pool.submit(write, number) for number in range(4)]
        while not all(done.done() for done in writing):
            ground.delivers()
    for _ in range(3):
        ground.clock.move(minutes=1)
        ground.delivers()
    events = [notice["event"]["id"] for call in hook.calls for notice in json.loads(call.body)["notices"]]
    assert len(events) == len(set(events)) == 40


@pytest.mark.parametrize(
    "answer", [(410, {}, b"gone"), (404, {}, b""), (302, {"Location": "http://127.0.0.1:1/"}, b"")]
)
def test_what_will_never_be_accepted_is_tried_once_and_shown_until_it_is_put_back(
    ground: Ground, hook: Hook, answer: tuple[int, dict[str, str], bytes]
) -> None:
    ground = hooked(ground, hook)
    hook.script = [answer]
    ground.opens("a")
    ground.clock.move(minutes=1)
    assert ground.delivers().failed == 1
    ground.clock.move(hours=1)
    assert ground.delivers().failed == 0
    (standing,) = read_overview(ground.settings).targets
    assert (standing.failed, standing.pending) == (1, 0)
    assert standing.last_error is not None
    assert standing.last_error.startswith(f"HTTP {answer[0]}")
    assert requeue_failed(ground.settings, ground.clock()) == 1
    assert ground.delivers().sent == 1
    assert len(hook.by_key) == 1


def test_a_mail_that_is_refused_for_good_is_tried_once(ground: Ground, mailbox: Mailbox) -> None:
    ground = mailed(ground)
    mailbox.script = ["550 no such mailbox"]
    ground.opens("a")
    ground.clock.move(minutes=1)
    assert ground.delivers().failed == 1
    ground.clock.move(hours=1)
    assert ground.delivers().failed == 0
    assert read_overview(ground.settings).targets[0].last_error == "SMTP 550 no such mailbox"


def test_a_target_that_never_comes_back_is_given_up_after_the_time_set(ground: Ground, hook: Hook) -> None:
    ground = with_settings(hooked(ground, hook), alerts_give_up_hours=2)
    hook.script = [(500, {}, b"")] * 100
    ground.opens("a")
    ground.clock.move(minutes=1)
    for _ in range(60):
        report = ground.delivers()
        if report.failed:
            break
        ground.clock.move(minutes=5)
    assert report.failed == 1
    assert 5 < len(hook.calls) < 20
    assert ground.clock.now < ground.clock.now.replace(hour=14, minute=2)


def test_a_target_hears_from_its_least_severity_on_and_then_all_of_it(ground: Ground, hook: Hook) -> None:
    ground = with_settings(hooked(ground, hook), alerts_minimum_severity="critical")
    quiet, loud = ground.opens("quiet", severity=Severity.WARN), ground.opens("loud", severity=Severity.WARN)
    ground.clock.move(minutes=1)
    assert ground.delivers().notices == {"no_news": 2}
    ground.goes_on(loud, Action.WORSEN, Severity.CRITICAL)
    ground.goes_on(quiet, Action.RESOLVE)
    ground.clock.move(minutes=1)
    ground.delivers()
    ground.goes_on(loud, Action.RESOLVE)
    ground.clock.move(minutes=1)
    ground.delivers()
    kinds = [[notice["kind"] for notice in json.loads(call.body)["notices"]] for call in hook.calls]
    assert kinds == [["severity_raised"], ["resolved"]]


def test_a_target_that_was_removed_is_told_nothing_more(ground: Ground, hook: Hook) -> None:
    hooked(ground, hook).opens("a")
    ground.clock.move(seconds=30)
    hooked(ground, hook).delivers()
    ground.clock.move(minutes=1)
    report = ground.delivers()
    assert (report.sent, report.failed) == (0, 1)
    assert hook.calls == []


def test_no_address_or_secret_is_in_what_is_stored_about_an_attempt(ground: Ground, hook: Hook) -> None:
    ground = hooked(ground, hook)
    hook.script = [CLOSE]
    ground.opens("a")
    ground.clock.move(minutes=1)
    ground.delivers()
    with psycopg.connect(ground.settings.required("warehouse_url")) as connection:
        stored = connection.execute("select * from alert.message").fetchall()
    shown = repr((stored, read_overview(ground.settings)))
    assert "a-secret-path" not in shown
    assert SECRET not in shown
