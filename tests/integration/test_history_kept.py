"""Days that leave the raw window: rolled up at a first load, followed by the sweep, moved by retention, read anew."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from demo.history import fill
from tests.integration.conftest import ask, new_warehouse, write
from tests.integration.platform_writer import PlatformWriter, open_connection, utc_now
from warehouse.backfill import backfill
from warehouse.errors import BadRequestError
from warehouse.lake.compaction import file_count
from warehouse.lake.connection import open_lake, transaction
from warehouse.lake.state import Boundaries
from warehouse.refresh import refresh, writing_lake
from warehouse.retention import RetentionPolicy, plan_retention, retain, retention_policy
from warehouse.settings import Settings
from warehouse.source.reading import Request
from warehouse.status import read_status
from warehouse.verify import raw_equals_source, rollups_equal_raw, verify

TODAY = utc_now().date()
OLD = "created_at < now() - interval '40 days' and created_at > now() - interval '350 days'"
ALL_TIME = """
    select organization_id, channel, sum(queued + sent + delivered + read + failed + skipped + retrying)::bigint,
        sum(inbound)::bigint, sum(failed)::bigint, sum(callbacks)::bigint
    from (
        select * exclude (bucket_at, day) from lake.rollup.channel_day
        union all by name from lake.rollup.channel_lifetime
    ) group by all order by all
"""
TOTALS = """
    select organization_id, channel, queued + sent + delivered + read + failed + skipped + retrying, inbound, failed,
        callbacks
    from lake.rollup.channel_total order by all
"""
FAILED = """
    select {0}_id, sum(failed)::bigint as failed
    from (
        select {0}_id, failed from lake.rollup.{0}{1}_day
        union all
        select {0}_id, failed from lake.rollup.{0}{1}_lifetime
    )
    group by all having sum(failed) > 0 order by 1
"""
DAYS = """
    select organization_id, channel, day, queued, sent, delivered, read, failed, list_sort(latency)
    from lake.rollup.channel_day order by all
"""


@pytest.fixture(scope="module")
def warehouse(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A history of 500 days, loaded."""
    home = tmp_path_factory.mktemp("history")
    settings = new_warehouse(new_database, home)
    fill(settings.required("source_url"), messages=12_000, seed=5, now=utc_now(), days=500)
    refresh(settings)
    return settings


def falsify(settings: Settings, *statements: str) -> None:
    with writing_lake(settings) as lake, transaction(lake):
        for statement in statements:
            lake.execute(statement)


def test_a_first_load_covers_the_whole_history_and_keeps_thirty_days_raw(warehouse: Settings) -> None:
    assert verify(warehouse).differences == ()
    ((oldest,),) = ask(warehouse, "select min(day) from lake.raw.outbound_message")
    assert oldest == TODAY - timedelta(days=warehouse.raw_days)
    ((lifetime,),) = ask(warehouse, "select sum(delivered + read) from lake.rollup.channel_lifetime")
    assert isinstance(lifetime, int)
    assert lifetime > 0


def test_five_minute_rows_reach_back_as_far_as_hours_and_add_up_to_them(warehouse: Settings) -> None:
    oldest = ask(warehouse, "select min(day) from lake.rollup.channel_5m")
    assert oldest == ask(warehouse, "select min(day) from lake.rollup.channel_hour")
    assert oldest < [(read_status(warehouse).boundaries.raw_from,)]
    for family, keys, measure in (
        ("channel", "organization_id, channel", "delivered"),
        ("failure", "organization_id, channel, template", "failed"),
        ("organization", "organization_id", "email_delivered"),
    ):
        by_hour = f"select {keys}, date_trunc('hour', bucket_at) as at, sum({measure}) from lake.rollup.{family}"
        assert ask(warehouse, f"{by_hour}_5m group by all order by all") == ask(
            warehouse, f"{by_hour}_hour group by all order by all"
        )


def test_what_a_subject_failed_by_adds_up_to_how_often_it_failed(warehouse: Settings) -> None:
    for subject in ("campaign", "email_job"):
        counted = ask(warehouse, FAILED.format(subject, ""))
        assert counted != []
        assert ask(warehouse, FAILED.format(subject, "_failure")) == counted
    reasons = "select channel, template from lake.rollup.failure_reason"
    assert ask(warehouse, f"select channel, template from lake.rollup.campaign_failure_day except ({reasons})") == []


def test_a_campaign_recipient_that_outlived_the_raw_window_is_followed_by_every_pass(warehouse: Settings) -> None:
    with open_connection(warehouse.required("source_url"), autocommit=True) as source:
        PlatformWriter(source, utc_now()).campaign(4, timedelta(days=45))
    refresh(warehouse, Request(sweep=True))
    first_raw = read_status(warehouse).boundaries.raw_from
    others = f"""
        select organization_id, bucket_at, bookings, llm_calls, email_read
        from lake.rollup.organization_hour
        where day < '{first_raw}' and bookings + llm_calls + email_read > 0 order by all
    """
    before = ask(warehouse, others)
    old = f"created_at < '{first_raw}' and created_at > now() - interval '55 days' and status in ('queued', 'sent')"
    assert write(warehouse, f"update messaging_campaignrecipient set status = 'failed', error_message = '' where {old}")
    assert verify(warehouse, request=Request(compare_ids=True)).differences == ()
    assert ask(warehouse, others) == before


def test_a_change_to_an_old_row_is_found_by_the_sweep(warehouse: Settings) -> None:
    picked = f"id in (select id from messaging_outboundmessage where {OLD} order by id limit 7)"
    before = ask(warehouse, DAYS)
    assert (
        write(warehouse, f"update messaging_outboundmessage set status = 'failed', error = 'bounce' where {picked}")
        == 7
    )
    refresh(warehouse)
    assert ask(warehouse, DAYS) == before
    refresh(warehouse, Request(sweep=True))
    assert ask(warehouse, DAYS) != before
    assert verify(warehouse).differences == ()


def test_deleted_old_rows_are_found_by_the_sweep(warehouse: Settings) -> None:
    assert write(
        warehouse, f"delete from messaging_campaign where id = (select min(id) from messaging_campaign where {OLD})"
    )
    some = f"select id from messaging_whatsappmessage where {OLD} limit 5"
    assert write(warehouse, f"delete from messaging_whatsappmessage where id in ({some})")
    assert refresh(warehouse, Request(sweep=True)).extract.old_days
    assert verify(warehouse).differences == ()


def test_an_old_email_is_delivered_when_its_campaign_recipient_is(warehouse: Settings) -> None:
    with open_connection(warehouse.required("source_url"), autocommit=True) as source:
        PlatformWriter(source, utc_now()).campaign(4, timedelta(days=50))
    refresh(warehouse, Request(sweep=True))
    assert verify(warehouse).differences == ()
    newest = "(select max(campaign_id) from messaging_campaignrecipient)"
    assert write(warehouse, f"update messaging_campaignrecipient set status = 'delivered' where campaign_id = {newest}")
    refresh(warehouse, Request(sweep=True))
    assert verify(warehouse).differences == ()


def test_retention_drops_what_is_too_old_and_totals_never_shrink(warehouse: Settings) -> None:
    refresh(warehouse, Request(sweep=True))
    total, totals, held = ask(warehouse, ALL_TIME), ask(warehouse, TOTALS), read_status(warehouse).boundaries
    assert totals == total
    tomorrow = datetime.combine(TODAY + timedelta(days=9), time(2), tzinfo=UTC)
    planned = retain(warehouse, now=tomorrow, dry_run=True)
    assert planned.rows["raw.outbound_message"] > 0
    assert read_status(warehouse).boundaries == held
    done = retain(warehouse, now=tomorrow)
    assert done.rows == planned.rows
    assert ask(warehouse, ALL_TIME) == total
    assert ask(warehouse, TOTALS) == totals
    assert ask(warehouse, "select count(*) from lake.raw.outbound_message where day < current_date - 21") == [(0,)]
    assert ask(warehouse, "select count(*) from lake.rollup.channel_day where day < current_date - 356") == [(0,)]
    assert retain(warehouse, now=tomorrow).rows == {}
    assert rollups_equal_raw(warehouse) == ()
    assert verify(warehouse).differences == ()


def test_a_day_that_left_the_raw_window_is_still_followed(warehouse: Settings) -> None:
    first_raw = read_status(warehouse).boundaries.raw_from
    day = f"created_at >= '{first_raw - timedelta(days=3)}' and created_at < '{first_raw - timedelta(days=1)}'"
    assert write(warehouse, f"update messaging_telegrammessage set status = 'failed' where {day}") > 0
    assert write(warehouse, f"delete from messaging_outboundmessage where {day} and channel = 'whatsapp'") > 0
    assert verify(warehouse).differences == ()


def test_backfill_repairs_days_and_may_be_repeated(warehouse: Settings) -> None:
    refresh(warehouse, Request(sweep=True))
    right = ask(warehouse, DAYS)
    recent, old = TODAY - timedelta(days=3), TODAY - timedelta(days=70)
    falsify(
        warehouse,
        f"delete from lake.raw.whatsapp_message where day = '{recent}'",
        f"update lake.raw.outbound_message set state = 'failed' where day = '{recent}'",
        f"update lake.raw.provider_event set id = -id where day = '{recent}'",
        f"update lake.rollup.channel_hour set sent = sent + 5 where day in ('{recent}', '{old}')",
        f"delete from lake.rollup.channel_day where day = '{old}'",
    )
    assert raw_equals_source(warehouse) != ()
    refresh(warehouse)
    assert rollups_equal_raw(warehouse) != ()
    assert verify(warehouse).differences != ()
    for _ in range(2):
        backfill(warehouse, old, old)
        backfill(warehouse, recent - timedelta(days=1), recent)
        assert ask(warehouse, DAYS) == right
        assert verify(warehouse).differences == ()


@pytest.mark.parametrize(
    ("first", "last"), [(TODAY, TODAY - timedelta(days=1)), (TODAY + timedelta(days=2), TODAY + timedelta(days=3))]
)
def test_days_that_can_not_be_backfilled_are_named(warehouse: Settings, first: date, last: date) -> None:
    with pytest.raises(BadRequestError, match=str(first)):
        backfill(warehouse, first, last)


def test_compaction_keeps_files_few_and_does_not_disturb_a_reader(warehouse: Settings) -> None:
    settings = warehouse.model_copy(update={"compact_every_passes": 8, "expire_grace_seconds": 600})
    counts = []
    with open_lake(settings, read_only=True) as reader, transaction(reader):
        before = reader.execute(DAYS).fetchall()
        for number in range(24):
            with open_connection(settings.required("source_url"), autocommit=True) as source:
                PlatformWriter(source, utc_now()).outbound(number, "email", timedelta(days=number % 6))
            report = refresh(settings)
            if report.compaction:
                counts.append(report.compaction.files_after)
        assert reader.execute(DAYS).fetchall() == before
    assert len(counts) >= 3
    assert counts[-1] <= 1.05 * counts[0]
    with open_lake(settings, read_only=True) as lake:
        assert file_count(lake) <= counts[-1] + 8 * 60
    assert verify(settings).differences == ()


def test_files_that_a_killed_pass_left_are_removed_with_the_next_compaction(warehouse: Settings) -> None:
    folder = Path(warehouse.required("lake_path")) / "raw" / "outbound_message"
    left, at_work = folder / "left.parquet", folder / "at_work.parquet"
    for file in (left, at_work):
        file.write_bytes(b"PAR1")
    two_hours_ago = utc_now().timestamp() - 7_200
    os.utime(left, (two_hours_ago, two_hours_ago))
    report = refresh(warehouse.model_copy(update={"compact_every_passes": 1})).compaction
    assert report is not None
    assert report.removed >= 1
    assert not left.exists()
    assert at_work.exists()
    at_work.unlink()
    assert verify(warehouse).differences == ()


def test_a_boundary_never_moves_back() -> None:
    held = Boundaries(
        raw_from=date(2026, 5, 1),
        five_minute_from=date(2026, 5, 20),
        hour_from=date(2026, 3, 1),
        day_from=date(2025, 6, 1),
    )
    policy = RetentionPolicy(raw_days=30, five_minute_days=7, hourly_days=90, daily_days=365)
    assert plan_retention(held, policy, datetime(2026, 4, 1, tzinfo=UTC)) == held
    later = plan_retention(held, policy, datetime(2026, 6, 15, 12, tzinfo=UTC))
    assert later == Boundaries(
        raw_from=date(2026, 5, 16),
        five_minute_from=date(2026, 6, 8),
        hour_from=date(2026, 3, 17),
        day_from=date(2025, 6, 15),
    )


def test_the_policy_is_what_the_settings_say(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, raw_days=10, five_minute_days=2, hourly_days=20, daily_days=40)
    assert retention_policy(settings) == RetentionPolicy(10, 2, 20, 40)
