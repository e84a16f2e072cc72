"""An answer is computed once for each version of the data, however many ask, and never served for another version."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from api.serving import cache as module
from api.serving.cache import AnswerCache, Computed, Key
from warehouse.lake.versions import Version

KEY = Key("/api/metrics/", 1, "{}", Version(7, 0))


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Computation:
    """Counts how often it is asked."""

    def __init__(self, version: Version = KEY.version, body: bytes = b"{}") -> None:
        self.asked = 0
        self.version, self.body = version, body

    def __call__(self) -> Computed:
        self.asked += 1
        return Computed(self.body, "application/json", self.version, datetime(2026, 1, 1, tzinfo=UTC))


def test_an_answer_is_kept_until_its_time_is_over() -> None:
    clock, compute = Clock(), Computation()
    cache = AnswerCache(30, clock)
    states = []
    for clock.now in (0.0, 29.9, 30.0, 30.1):
        states.append(cache.get(KEY, compute)[1])
    assert states == ["miss", "hit", "miss", "hit"]
    assert compute.asked == 2


@pytest.mark.parametrize(
    "other",
    [
        replace(KEY, version=Version(8, 0)),
        replace(KEY, version=Version(7, 1)),
        replace(KEY, organization_id=2),
        replace(KEY, asked='{"range":"7d"}'),
        replace(KEY, endpoint="/api/monitoring/summary/"),
    ],
)
def test_another_question_or_version_is_computed(other: Key) -> None:
    cache = AnswerCache(30)
    cache.get(KEY, Computation())
    assert cache.get(other, Computation(other.version))[1] == "miss"


def test_an_answer_from_newer_data_than_was_asked_for_is_kept_as_that_data_s() -> None:
    cache, newer = AnswerCache(30), Version(8, 0)
    cache.get(KEY, Computation(newer))
    assert cache.get(replace(KEY, version=newer), Computation(newer))[1] == "hit"
    assert cache.get(KEY, Computation())[1] == "miss"


def test_an_answer_can_be_forced_and_then_serves_the_others() -> None:
    cache, compute = AnswerCache(30), Computation()
    states = [cache.get(KEY, compute, anew=anew)[1] for anew in (False, True, False)]
    assert states == ["miss", "refresh", "hit"]
    assert compute.asked == 2


def test_with_no_time_to_live_nothing_is_kept() -> None:
    cache, compute = AnswerCache(0), Computation()
    assert [cache.get(KEY, compute)[1] for _ in range(2)] == ["miss", "miss"]


def test_many_who_ask_at_once_wait_for_one_computation() -> None:
    cache, compute, entered, go_on = AnswerCache(30), Computation(), threading.Event(), threading.Event()

    def slow() -> Computed:
        entered.set()
        go_on.wait(10)
        return compute()

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(cache.get, KEY, slow)
        assert entered.wait(10)
        others = [pool.submit(cache.get, KEY, slow) for _ in range(7)]
        go_on.set()
        assert first.result()[1] == "miss"
        assert {other.result()[1] for other in others} == {"hit"}
    assert compute.asked == 1


def test_a_failure_is_told_to_all_who_wait_and_is_not_kept() -> None:
    cache = AnswerCache(30)

    def fail() -> Computed:
        raise RuntimeError("the lake is away")

    for _ in range(2):
        with pytest.raises(RuntimeError, match="away"):
            cache.get(KEY, fail)
    assert cache.get(KEY, Computation())[1] == "miss"


def test_what_was_not_asked_for_the_longest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 250)
    cache = AnswerCache(30)
    keys = [replace(KEY, organization_id=number) for number in (1, 2, 3)]
    for key in (keys[0], keys[1], keys[0], keys[2]):
        cache.get(key, Computation(body=b"x" * 100))
    states = [cache.get(key, Computation(body=b"x" * 100))[1] for key in (keys[0], keys[2], keys[1])]
    assert states == ["hit", "hit", "miss"]
