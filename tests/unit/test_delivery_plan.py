"""Who is told of what, and when a message is tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.delivery.plan import News, Waiting, message_key, plan
from alerts.delivery.retry import next_try
from alerts.delivery.targets import Channel, Target
from alerts.notify.message import Address
from alerts.outbox import NoticeKind
from alerts.vocabulary import OPERATIONS, Severity

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def target(
    key: str, organization_id: int | None = None, minimum: Severity = Severity.INFO, *, host: str = ""
) -> Target:  # fmt: skip
    return Target(key, Channel.WEBHOOK, Address(f"https://{host or key}.example.com"), minimum, organization_id)


def notice(
    number: int, kind: NoticeKind = NoticeKind.OPENED, *, alert: int = 1, organization: int = 1,
    severity: Severity = Severity.WARN,
) -> Waiting:  # fmt: skip
    return Waiting(number, number, alert, organization, kind, severity, NOW)


def told(notices: list[Waiting], *targets: Target, heard: dict[tuple[int, str], News] | None = None) -> list[str]:
    return [f"{target.key}:{notice.id}" for notice, target in plan(notices, targets, heard or {}).told]


def test_a_target_hears_its_organization_and_one_of_the_settings_hears_all() -> None:
    notices = [notice(1), notice(2, alert=2, organization=2), notice(3, alert=3, organization=OPERATIONS)]
    assert told(notices, target("all"), target("one", 1)) == ["all:1", "one:1", "all:2", "all:3"]


def test_what_a_target_heard_last_is_no_news_within_a_batch_or_across() -> None:
    assert told([notice(1), notice(2)], target("a")) == ["a:1"]
    assert told([notice(2)], target("a"), heard={(1, "a"): (NoticeKind.OPENED, Severity.WARN)}) == []
    assert told([notice(2, severity=Severity.CRITICAL)], target("a"),
                heard={(1, "a"): (NoticeKind.OPENED, Severity.WARN)}) == ["a:2"]  # fmt: skip


def test_an_alert_that_comes_and_goes_is_told_each_time() -> None:
    kinds = (NoticeKind.OPENED, NoticeKind.RESOLVED, NoticeKind.REOPENED, NoticeKind.RESOLVED)
    assert told([notice(number, kind) for number, kind in enumerate(kinds)], target("a")) == [
        "a:0",
        "a:1",
        "a:2",
        "a:3",
    ]


def test_an_address_that_two_targets_name_is_told_once() -> None:
    assert told([notice(1)], target("all", host="same"), target("one", 1, host="same")) == ["all:1"]


def test_who_never_heard_of_an_alert_is_not_told_that_it_is_over() -> None:
    decided = plan([notice(1, NoticeKind.RESOLVED)], [target("a")], {})
    assert (decided.told, decided.outcomes) == ((), {1: "no_news"})


def test_an_outcome_says_whether_there_was_anybody_to_tell() -> None:
    notices = [notice(1), notice(2, organization=9, alert=2)]
    assert plan(notices, [target("one", 1)], {}).outcomes == {1: "told", 2: "no_target"}


def test_a_message_has_the_same_key_whenever_it_is_worked_out_and_another_for_another_target() -> None:
    assert message_key(target("a"), 7) == message_key(target("a"), 7)
    assert len({message_key(target(key), event) for key in "ab" for event in (7, 8)}) == 4


def pause(attempts: int, *, chance: float = 0.5, retry_after: timedelta | None = None) -> timedelta | None:
    at = next_try(attempts, NOW, NOW, give_up_after=DAY, retry_after=retry_after, chance=chance)
    return at and at - NOW


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 30), (2, 60), (3, 120), (7, 1800), (1000, 1800)])
def test_each_pause_is_twice_the_one_before_up_to_half_an_hour(attempts: int, seconds: int) -> None:
    assert pause(attempts) == timedelta(seconds=seconds)


def test_chance_spreads_pauses_by_a_quarter_either_way() -> None:
    assert (pause(1, chance=0), pause(1, chance=1)) == (timedelta(seconds=22.5), timedelta(seconds=37.5))


def test_a_receiver_that_asks_for_longer_gets_it_and_one_that_asks_for_shorter_does_not() -> None:
    assert pause(1, retry_after=timedelta(hours=3)) == timedelta(hours=3)
    assert pause(3, retry_after=timedelta(seconds=1)) == timedelta(seconds=120)


def test_what_would_be_tried_too_late_is_given_up() -> None:
    late = NOW + DAY - timedelta(seconds=10)
    assert next_try(3, NOW, late, give_up_after=DAY, retry_after=None, chance=0.5) is None


@given(
    attempts=st.integers(1, 60), age=st.timedeltas(timedelta(0), 8 * DAY), chance=st.floats(0, 1),
    give_up_after=st.timedeltas(timedelta(hours=1), 7 * DAY),
    retry_after=st.none() | st.timedeltas(timedelta(0), 400 * DAY),
)  # fmt: skip
def test_a_receiver_that_asks_for_long_costs_no_try_that_there_is_time_for(
    attempts: int, age: timedelta, chance: float, give_up_after: timedelta, retry_after: timedelta | None
) -> None:
    def at(asked: timedelta | None) -> datetime | None:
        return next_try(attempts, NOW - age, NOW, give_up_after=give_up_after, retry_after=asked, chance=chance)

    unasked, asked = at(None), at(retry_after)
    assert (asked is None) == (unasked is None)
    if asked is not None and unasked is not None:
        assert unasked <= asked <= NOW - age + give_up_after
        assert asked <= max(unasked, NOW + (retry_after or timedelta(0)))


@pytest.mark.parametrize("asked", [DAY, 400 * DAY])
def test_after_the_longest_wait_there_is_still_time_for_one_more_try(asked: timedelta) -> None:
    assert pause(1, retry_after=asked) == DAY - timedelta(seconds=30)
