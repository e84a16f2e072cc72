"""What a process holds of the lake in memory is what the lake holds, whatever wrote to it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.held_content import Follower, follower
from tests.integration.lake_damage import damage, live_file
from tests.integration.odd_rows import OddPlatform
from warehouse.backfill import backfill
from warehouse.lake.compaction import compact
from warehouse.lake.held import TableNotHeldError
from warehouse.queries.lakes import OrganizationLakes
from warehouse.queries.metrics import read_metrics
from warehouse.queries.scope import Organization
from warehouse.queries.window import Asked, Range
from warehouse.refresh import refresh, writing_lake
from warehouse.reload import reload
from warehouse.retention import retain

ORGANIZATION = Organization(1)


@pytest.fixture
def platform(odd_platform: OddPlatform) -> OddPlatform:
    """A small young platform, loaded once."""
    refresh(odd_platform.settings)
    return odd_platform


@pytest.fixture
def following(platform: OddPlatform) -> Iterator[Follower]:
    """A process that holds the first load's rollups."""
    with follower(platform.settings) as made:
        assert "rollup.channel_5m" in made.follow()
        assert made.differing() == []
        yield made


def write_and_pass(platform: OddPlatform, number: int = 20) -> None:
    """A pass over new rows, and changed ones, of several days."""
    for days in (0, 1, 9):
        platform.writer.outbound(number + days, "whatsapp", timedelta(days=days))
        platform.writer.callback(number + days, "whatsapp", timedelta(days=days))
    platform.writer.change_status("messaging_outboundmessage", number)
    platform.writer.campaign(number, timedelta(days=2))
    refresh(platform.settings)


def compact_lake(platform: OddPlatform) -> None:
    write_and_pass(platform)
    with writing_lake(platform.settings) as lake:
        compact(lake, platform.settings)


def retain_days(platform: OddPlatform) -> None:
    write_and_pass(platform)
    retain(platform.settings.model_copy(update={"five_minute_days": 3, "raw_days": 3, "hourly_days": 3}))


def backfill_days(platform: OddPlatform) -> None:
    today = datetime.now(UTC).date()
    platform.source.execute("update messaging_outboundmessage set status = 'failed'")
    backfill(platform.settings, today - timedelta(days=9), today)


WRITERS: dict[str, Callable[[OddPlatform], object]] = {
    "a pass": write_and_pass,
    "an idle pass": lambda platform: refresh(platform.settings),
    "compaction": compact_lake,
    "retention": retain_days,
    "a backfill": backfill_days,
    "a reload": lambda platform: reload(platform.settings),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_what_is_held_follows_whatever_writes(writer: str, platform: OddPlatform, following: Follower) -> None:
    WRITERS[writer](platform)
    following.follow()
    assert following.differing() == []


def test_only_the_days_that_changed_are_read_again(platform: OddPlatform, following: Follower) -> None:
    write_and_pass(platform)
    following.follow()
    # What nothing in the lake changes stays as it is, wrong as it may be.
    following.lake.execute("update held.rollup.channel_5m set inbound = 77 where day < current_date - 5")
    platform.writer.outbound(50, "whatsapp", timedelta(0))
    refresh(platform.settings)
    following.follow()
    assert following.differing() == ["rollup.channel_5m"]


def test_a_reader_sees_the_snapshot_before_until_the_new_one_is_whole(platform: OddPlatform) -> None:
    lakes = OrganizationLakes(platform.settings)

    def outbound(lake: object) -> int:
        return read_metrics(lake, Asked(Range.LAST_7_DAYS)).lifetime["whatsapp"].outbound  # type: ignore[arg-type]

    with lakes.of(ORGANIZATION) as lake:
        before, snapshot = outbound(lake), lake.snapshot
    write_and_pass(platform)
    seen = []

    def first(lake_of: Callable[[Organization], object]) -> None:
        seen.append(outbound(lake_of(ORGANIZATION)))
        with lakes.as_held(ORGANIZATION) as meanwhile:
            seen.append(outbound(meanwhile))
            assert meanwhile.snapshot == snapshot == lakes.snapshot

    lakes.go_over(first)
    with lakes.as_held(ORGANIZATION) as lake:
        assert seen == [outbound(lake), before]
        assert before < outbound(lake)
        assert lake.snapshot == lakes.snapshot != snapshot
    lakes.close()


def test_what_fails_while_going_over_leaves_everything_as_it_was(platform: OddPlatform) -> None:
    lakes = OrganizationLakes(platform.settings)
    lakes.go_over()
    before = lakes.snapshot
    write_and_pass(platform)

    def fail(_: object) -> None:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        lakes.go_over(fail)
    with lakes.as_held(ORGANIZATION) as lake:
        assert lake.snapshot == lakes.snapshot == before
    lakes.go_over()
    assert lakes.snapshot != before
    lakes.close()


def test_what_there_is_no_room_for_is_read_from_the_lake(platform: OddPlatform) -> None:
    answers = []
    for megabytes in (512, 0):
        lakes = OrganizationLakes(platform.settings.model_copy(update={"held_megabytes": megabytes}))
        with lakes.of(ORGANIZATION) as lake:
            assert ("rollup.channel_5m" in lake.in_memory) is bool(megabytes)
            found = read_metrics(lake, Asked(Range.LAST_7_DAYS))
            answers.append((found.lifetime, found.today, found.totals, found.channels.points))
        lakes.close()
    assert answers[0] == answers[1]


def test_a_table_that_cant_be_read_is_not_held_and_the_others_are(platform: OddPlatform) -> None:
    damage(live_file(platform.settings, "rollup.organization_hour"), "deleted")
    with follower(platform.settings) as made, pytest.raises(TableNotHeldError) as raised:
        made.follow()
    assert raised.value.table == "rollup.organization_hour"
    lakes = OrganizationLakes(platform.settings)
    lakes.go_over()
    with lakes.as_held(ORGANIZATION) as lake:
        assert "rollup.organization_hour" not in lake.in_memory
        assert "rollup.channel_hour" in lake.in_memory
    lakes.close()


def test_a_process_whose_lake_was_closed_opens_it_again(platform: OddPlatform) -> None:
    lakes = OrganizationLakes(platform.settings)
    lakes.go_over()
    lakes.close()
    with lakes.as_held(ORGANIZATION) as lake:
        assert lake.snapshot == lakes.snapshot
    lakes.close()
