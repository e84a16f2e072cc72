"""Rows older than the daily tables that come after the first load are counted once, as a first load counts them."""

from datetime import UTC, datetime, time, timedelta

import pytest

from tests.integration.conftest import ask
from tests.integration.odd_rows import OddPlatform
from tests.integration.platform_writer import CHANNEL_TABLES, CHANNELS, PlatformWriter
from warehouse.lake.connection import transaction
from warehouse.refresh import reading_source, refresh, writing_lake
from warehouse.reload import reload
from warehouse.retention import retain
from warehouse.settings import Settings
from warehouse.source.reading import Request
from warehouse.verify import rollups_equal_raw, verify

SWEEP = Request(sweep=True)
LATE = timedelta(days=500)
LIFETIME = (
    "channel", "failure", "organization", "campaign", "campaign_failure", "email_job", "email_job_failure",
)  # fmt: skip
Rows = dict[str, list[tuple[object, ...]]]


@pytest.fixture
def platform(odd_platform: OddPlatform) -> OddPlatform:
    """A small young platform, loaded once."""
    refresh(odd_platform.settings)
    return odd_platform


def write_rows(writer: PlatformWriter, first: int, age: timedelta) -> None:
    """Rows of every kind, some of which failed, at several days."""
    for number in range(first, first + 8):
        at = age + timedelta(days=number % 3, hours=number)
        writer.outbound(number, CHANNELS[number % len(CHANNELS)], at)
        writer.callback(number, CHANNELS[number % len(CHANNELS)], at)
        writer.channel_message(number, sorted(CHANNEL_TABLES)[number % len(CHANNEL_TABLES)], at)
        writer.daily(number, at)
        writer.suppression(number, at - timedelta(hours=1))
        writer.campaign(number, at)


def fail_after_counting(settings: Settings) -> None:
    """Raises when a sweep has counted late rows and has not yet committed them."""
    with writing_lake(settings) as lake, reading_source(lake, settings, SWEEP):
        assert lake.execute("select count(*) > 0 from lake.rollup.channel_lifetime").fetchone() == (True,)
        raise RuntimeError("killed")


def lifetime(settings: Settings) -> Rows:
    """All lifetime rows and totals; sketches in order."""
    tables = [f"{name}_lifetime" for name in LIFETIME] + ["channel_total", "organization_total"]
    in_order = {"channel_lifetime": "select * replace (list_sort(latency) as latency)"}
    return {name: ask(settings, f"{in_order.get(name, '')} from lake.rollup.{name} order by all") for name in tables}


def outbound(settings: Settings, table: str = "channel_lifetime") -> int:
    """Outbound messages in a rollup."""
    states = "queued + sent + delivered + read + failed + skipped + retrying"
    return int(str(ask(settings, f"select coalesce(sum({states}), 0)::bigint from lake.rollup.{table}")[0][0]))


def outbound_in_source(platform: OddPlatform) -> int:
    """Outbound messages by the platform's own tables."""
    tables = [f"select count(*) as n from {table} where direction = 'OUTBOUND'" for table in sorted(CHANNEL_TABLES)]
    tables += [f"select count(*) from messaging_{table}" for table in ("outboundmessage", "emailrecipient")]
    row = platform.source.execute(f"select sum(n)::bigint from ({' union all '.join(tables)}) as t".encode()).fetchone()
    return int(row[0]) if row else 0


def test_late_rows_are_counted_as_a_first_load_counts_them(platform: OddPlatform) -> None:
    write_rows(platform.writer, 0, LATE)
    refresh(platform.settings, SWEEP)
    assert verify(platform.settings).differences == ()
    assert rollups_equal_raw(platform.settings) == ()
    counted = lifetime(platform.settings)
    assert all(counted.values())
    reload(platform.settings)
    assert lifetime(platform.settings) == counted


@pytest.mark.parametrize("is_first", [True, False])
def test_rows_that_are_counted_are_not_counted_again(platform: OddPlatform, is_first: bool) -> None:
    write_rows(platform.writer, 0, LATE)
    if is_first:
        reload(platform.settings)
    else:
        refresh(platform.settings, SWEEP)
    counted = lifetime(platform.settings)
    refresh(platform.settings, SWEEP)
    for change in (
        "update messaging_outboundmessage set status = 'failed', error = 'bounce'",
        "update messaging_campaignrecipient set status = 'read'",
        "update messaging_providerevent set latency_ms = 5",
        "delete from messaging_whatsappmessage",
    ):
        platform.source.execute(f"{change} where {_OLD['providerevent' in change]}".encode())
    refresh(platform.settings, SWEEP)
    assert lifetime(platform.settings) == counted
    before, there = outbound(platform.settings), outbound_in_source(platform)
    write_rows(platform.writer, 20, LATE)
    refresh(platform.settings, SWEEP)
    assert verify(platform.settings).differences == ()
    assert outbound(platform.settings) - before == outbound_in_source(platform) - there > 0


_OLD = ("created_at < now() - interval '450 days'", "received_at < now() - interval '450 days'")


def test_a_row_whose_time_is_moved_before_the_daily_tables_stays_counted(platform: OddPlatform) -> None:
    write_rows(platform.writer, 0, timedelta(days=100))
    refresh(platform.settings, SWEEP)
    platform.source.execute(
        """
        update messaging_outboundmessage set created_at = now() - interval '500 days'
        where id in (select id from messaging_outboundmessage where created_at < now() - interval '90 days' limit 3)
            or id in (select id from messaging_outboundmessage where created_at > now() - interval '1 day' limit 2)
        """
    )
    refresh(platform.settings, SWEEP)
    assert verify(platform.settings).differences == ()
    assert outbound(platform.settings) == 5
    assert outbound(platform.settings, "channel_total") == outbound_in_source(platform)


def test_days_that_left_the_daily_tables_are_not_counted_again(platform: OddPlatform) -> None:
    write_rows(platform.writer, 0, timedelta(days=355))
    write_rows(platform.writer, 20, timedelta(days=20))
    refresh(platform.settings, SWEEP)
    in_some_days = datetime.combine(datetime.now(UTC).date() + timedelta(days=14), time(2), tzinfo=UTC)
    retain(platform.settings, now=in_some_days)
    counted = lifetime(platform.settings)
    assert all(counted.values())
    for table in ("outboundmessage", "whatsappmessage", "emailrecipient"):
        platform.source.execute(f"update messaging_{table} set status = 'failed'".encode())
    refresh(platform.settings, SWEEP)
    assert {**lifetime(platform.settings), **_totals(counted)} == counted
    before, there = outbound(platform.settings), outbound_in_source(platform)
    for number in range(6):
        platform.writer.outbound(number, "whatsapp", timedelta(days=355))
    refresh(platform.settings, SWEEP)
    assert verify(platform.settings).differences == ()
    assert outbound(platform.settings) - before == outbound_in_source(platform) - there > 0
    in_a_year = in_some_days + timedelta(days=400)
    retain(platform.settings, now=in_a_year)
    counted = lifetime(platform.settings)
    platform.source.execute("update messaging_outboundmessage set status = 'read'")
    refresh(platform.settings, SWEEP)
    assert lifetime(platform.settings) == counted


def test_a_pass_that_fails_after_counting_leaves_nothing_counted(platform: OddPlatform) -> None:
    write_rows(platform.writer, 0, LATE)
    with pytest.raises(RuntimeError, match="killed"):
        fail_after_counting(platform.settings)
    assert ask(platform.settings, "from lake.rollup.channel_lifetime") == []
    refresh(platform.settings, SWEEP)
    assert verify(platform.settings).differences == ()
    counted = lifetime(platform.settings)
    reload(platform.settings)
    assert lifetime(platform.settings) == counted


def test_a_late_row_set_aside_is_counted_when_it_is_mended(platform: OddPlatform) -> None:
    platform.source.execute("alter table messaging_providerevent alter latency_ms type bigint")
    row_id = platform.callback_at(f"{datetime.now(UTC) - LATE}")
    platform.source.execute("update messaging_providerevent set latency_ms = 3024000000 where id = %s", (row_id,))
    assert refresh(platform.settings, SWEEP).extract.set_aside == 1
    assert lifetime(platform.settings)["channel_lifetime"] == []
    platform.source.execute("update messaging_providerevent set latency_ms = 7 where id = %s", (row_id,))
    refresh(platform.settings, SWEEP)
    assert ask(platform.settings, "select callbacks, latency_sum_ms from lake.rollup.channel_lifetime") == [(1, 7)]


def test_a_lake_of_the_layout_before_takes_what_it_finds_for_counted(platform: OddPlatform) -> None:
    write_rows(platform.writer, 0, LATE)
    reload(platform.settings)
    counted = lifetime(platform.settings)
    with writing_lake(platform.settings) as lake, transaction(lake):
        lake.execute("drop table lake.meta.counted")
        lake.execute("drop table lake.raw.earlier_email_recipient")
        lake.execute("update lake.meta.state set value = json_merge_patch(value, '{\"schema_version\": 3}')")
    refresh(platform.settings)
    refresh(platform.settings, SWEEP)
    assert lifetime(platform.settings) == counted
    write_rows(platform.writer, 0, LATE)
    refresh(platform.settings, SWEEP)
    assert verify(platform.settings).differences == ()
    assert outbound(platform.settings, "channel_total") == outbound_in_source(platform)


def _totals(rows: Rows) -> Rows:
    return {name: rows[name] for name in rows if name.endswith("_total")}
