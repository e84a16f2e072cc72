"""The alert store on a real PostgreSQL: of people who act at once one wins, and history says who did what."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from alerts.database import store
from alerts.lifecycle import Action, ConflictError
from alerts.migrations import upgrade
from alerts.retention import forget_resolved
from alerts.store import UnknownAlertError, act, read_version
from alerts.vocabulary import Reason, Status
from tests.integration.alert_ground import START, an_alert, history, minutes
from warehouse.settings import Settings


@pytest.fixture(scope="module")
def settings(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("alerts"), warehouse_url=new_database())


@pytest.fixture(scope="module")
def engine(settings: Settings) -> Iterator[Engine]:
    upgrade(settings)
    with store(settings) as engine:
        yield engine


def attempt(engine: Engine, alert_id: int, action: Action, user_id: int) -> Status | None:
    """One person's try; None when another was faster."""
    try:
        alert = act(engine, 1, alert_id, action, actor_id=user_id, at=START + timedelta(seconds=user_id))
    except ConflictError:
        return None
    return Status(alert.status)


def test_of_twenty_people_who_ack_at_once_one_wins_and_the_others_see_its_state(engine: Engine) -> None:
    alert_id = an_alert(engine, subject="twenty")
    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(lambda user: attempt(engine, alert_id, Action.ACK, user), range(1, 21)))
    assert [outcome for outcome in outcomes if outcome] == [Status.ACKED]
    assert [event.reason for event in history(engine, alert_id)] == [Reason.BREACHED, Reason.PERSON_ACKED]


def test_twenty_threads_that_do_everything_at_once_leave_a_valid_history(engine: Engine) -> None:
    alert_id = an_alert(engine, subject="everything")
    actions = (Action.ACK, Action.RESOLVE, Action.REOPEN)
    before = read_version(engine, 1)
    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(lambda user: attempt(engine, alert_id, actions[user % 3], user), range(1, 121)))
    events = history(engine, alert_id)
    assert len(events) == 1 + sum(outcome is not None for outcome in outcomes)
    for earlier, later in pairwise(events):
        assert later.from_status == earlier.to_status
        assert later.from_status != later.to_status
    assert read_version(engine, 1) - before == len(events) - 1


def test_an_event_says_who_when_why_and_in_which_request(engine: Engine) -> None:
    alert_id = an_alert(engine, subject="event")
    act(engine, 1, alert_id, Action.ACK, actor_id=7, at=minutes(3), request_id="r-1", note="I look at it")
    event = history(engine, alert_id)[-1]
    assert (event.actor_id, event.at, event.request_id, event.note) == (7, minutes(3), "r-1", "I look at it")
    assert (event.from_status, event.to_status) == (Status.OPEN, Status.ACKED)


def test_a_fingerprint_has_one_alert_that_is_not_resolved(engine: Engine) -> None:
    first = an_alert(engine, subject="one")
    with pytest.raises(IntegrityError, match="alert_fingerprint"):
        an_alert(engine, subject="one")
    act(engine, 1, first, Action.RESOLVE, actor_id=1, at=minutes(1))
    an_alert(engine, subject="one")


def test_alerts_that_are_over_for_long_are_forgotten_with_their_history(engine: Engine, settings: Settings) -> None:
    old, recent, still_open = (an_alert(engine, 9, subject=name) for name in ("old", "recent", "open"))
    for alert_id, minute in ((old, 1), (recent, 60)):
        act(engine, 9, alert_id, Action.RESOLVE, actor_id=1, at=minutes(minute))
    assert forget_resolved(settings, minutes(30)) >= 1
    assert [len(history(engine, alert_id)) for alert_id in (old, recent, still_open)] == [0, 2, 1]


def test_an_old_alert_is_not_reopened_beside_a_newer_one_of_the_same(engine: Engine) -> None:
    old = an_alert(engine, subject="twice")
    act(engine, 1, old, Action.RESOLVE, actor_id=1, at=minutes(1))
    an_alert(engine, subject="twice")
    with pytest.raises(ConflictError, match="a newer alert of the same"):
        act(engine, 1, old, Action.REOPEN, actor_id=1, at=minutes(2))


def test_another_organizations_alert_is_unknown(engine: Engine) -> None:
    alert_id = an_alert(engine, 2)
    with pytest.raises(UnknownAlertError):
        act(engine, 1, alert_id, Action.ACK, actor_id=1, at=START)
