"""When a pass is started, and why not."""

from datetime import UTC, datetime, timedelta

from pipelines.sensors import LONGEST_PAUSE, QUIET_PASS_EVERY, RefreshFacts, plan_refresh

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
LAST = NOW - timedelta(seconds=40)


def test_a_pass_under_way_keeps_the_next_from_starting() -> None:
    plan = plan_refresh(RefreshFacts(in_flight=("abc",), last_as_of=LAST, has_source_moved=True), NOW, 30)
    assert not plan.launches
    assert "abc" in plan.reason


def test_a_pass_that_was_lost_with_its_process_is_closed() -> None:
    plan = plan_refresh(RefreshFacts(in_flight=("abc",), lost=("abc",), last_as_of=LAST), NOW, 30)
    assert (plan.launches, plan.close) == (False, ("abc",))


def test_a_source_out_of_reach_is_told_and_no_pass_starts() -> None:
    plan = plan_refresh(RefreshFacts(source_trouble="The operational database can't be reached."), NOW, 30)
    assert not plan.launches
    assert plan.reason == "The operational database can't be reached."


def test_an_empty_warehouse_is_loaded() -> None:
    assert plan_refresh(RefreshFacts(), NOW, 30).launches


def test_a_source_that_moved_is_read() -> None:
    plan = plan_refresh(RefreshFacts(last_as_of=LAST, has_source_moved=True), NOW, 30)
    assert plan.launches
    assert "11:59:20" in plan.reason


def test_a_source_that_did_not_move_is_left_alone() -> None:
    assert not plan_refresh(RefreshFacts(last_as_of=LAST), NOW, 30).launches


def test_a_quiet_source_is_read_now_and_then() -> None:
    assert plan_refresh(RefreshFacts(last_as_of=NOW - QUIET_PASS_EVERY), NOW, 30).launches


def test_each_failure_doubles_the_pause() -> None:
    once = RefreshFacts(failed_at=(NOW - timedelta(seconds=59),), last_as_of=LAST, has_source_moved=True)
    assert not plan_refresh(once, NOW, 30).launches
    assert plan_refresh(once, NOW + timedelta(seconds=1), 30).launches
    twice = RefreshFacts(failed_at=(*once.failed_at, NOW - timedelta(seconds=200)), last_as_of=LAST)
    assert "(2)" in plan_refresh(twice, NOW + timedelta(seconds=1), 30).reason


def test_the_pause_after_many_failures_has_an_end() -> None:
    failed_at = tuple(NOW - timedelta(minutes=minute) for minute in range(8))
    facts = RefreshFacts(failed_at=failed_at, last_as_of=LAST, has_source_moved=True)
    assert not plan_refresh(facts, NOW, 3600).launches
    assert plan_refresh(facts, NOW + LONGEST_PAUSE, 3600).launches


def test_a_run_has_place_for_the_passes_of_half_an_hour() -> None:
    moved = RefreshFacts(last_as_of=LAST, has_source_moved=True)
    assert plan_refresh(moved, NOW, 30).passes == 60
    assert plan_refresh(moved, NOW, 3600).passes == 1


def test_after_a_failure_a_run_makes_one_pass_so_that_its_end_tells_soon() -> None:
    failed = RefreshFacts(failed_at=(NOW - timedelta(hours=1),), last_as_of=LAST, has_source_moved=True)
    plan = plan_refresh(failed, NOW, 30)
    assert (plan.launches, plan.passes) == (True, 1)
