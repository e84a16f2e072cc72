"""A callback's message that is deleted is no longer named by the callback, however long ago the callback was read."""

import pytest

from tests.integration.odd_rows import OddPlatform
from warehouse.lake.connection import open_lake, transaction
from warehouse.refresh import refresh, writing_lake
from warehouse.source.reading import TAIL_MARGIN_IDS, Request
from warehouse.verify import raw_equals_source, verify

OTHERS = f"""
    insert into messaging_providerevent
        (provider_message_id, channel, status, payload, latency_ms, received_at, organization_id)
    select 'm', 'telegram', 'delivered', '{{}}', 0, now(), 1 from generate_series(1, {TAIL_MARGIN_IDS + 100})
"""


@pytest.fixture
def platform(odd_platform: OddPlatform) -> OddPlatform:
    """A small platform, loaded, whose first callbacks are no longer looked at by passes: many came after them."""
    odd_platform.source.execute(OTHERS.encode())
    refresh(odd_platform.settings)
    refresh(odd_platform.settings)
    return odd_platform


def named(platform: OddPlatform) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """The callbacks that name a message, in the lake and at the source."""
    query = "select id, outbound_id from {} where outbound_id is not null order by id"
    with open_lake(platform.settings, read_only=True) as lake:
        held = lake.execute(query.format("lake.raw.provider_event")).fetchall()
    return held, platform.source.execute(query.format("messaging_providerevent").encode()).fetchall()


def test_the_next_pass_sees_that_a_message_was_deleted(platform: OddPlatform) -> None:
    before, _ = named(platform)
    platform.writer.delete("messaging_outboundmessage", 0)
    platform.source.execute("select pg_stat_force_next_flush()")
    refresh(platform.settings)
    held, there = named(platform)
    assert held == there
    assert len(held) < len(before)
    assert raw_equals_source(platform.settings) == ()


def test_a_reference_of_a_message_older_than_the_raw_window_is_compared(platform: OddPlatform) -> None:
    platform.source.execute("update messaging_outboundmessage set created_at = now() - interval '40 days'")
    refresh(platform.settings, Request(sweep=True))
    platform.writer.delete("messaging_outboundmessage", 0)
    refresh(platform.settings, Request(compare_ids=True))
    held, there = named(platform)
    assert held == there
    assert verify(platform.settings).differences == ()


def test_a_reference_that_differs_is_found_and_mended(platform: OddPlatform) -> None:
    with writing_lake(platform.settings) as lake, transaction(lake):
        lake.execute("update lake.raw.provider_event set outbound_id = outbound_id + 1 where outbound_id is not null")
    assert {one.measure for one in raw_equals_source(platform.settings)} == {"outbound_id"}
    refresh(platform.settings, Request(compare_ids=True))
    assert raw_equals_source(platform.settings) == ()
