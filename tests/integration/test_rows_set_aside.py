"""Whatever stands in one row, everybody else's figures go on; the row is counted, named, and taken back when mended."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from alerts.evaluate import evaluate_organizations
from alerts.migrations import upgrade
from tests.integration.conftest import api_client
from tests.integration.odd_rows import OddPlatform
from warehouse.doctor import check_state
from warehouse.lake.connection import transaction
from warehouse.refresh import refresh, writing_lake
from warehouse.source.tables import SOURCE_TABLES, SourceTable
from warehouse.status import PASSES_BEHIND, read_status
from warehouse.verify import raw_equals_source, rollups_equal_raw, verify


@pytest.fixture
def platform(odd_platform: OddPlatform) -> OddPlatform:
    """A small platform, of which nothing is loaded yet."""
    return odd_platform


def assert_all_goes_on(platform: OddPlatform) -> None:
    """A new message is counted, each layer agrees with the one under it and all with the source, alerts are judged."""
    before = platform.counted()
    platform.writer.outbound(2, "whatsapp", timedelta(0))
    assert refresh(platform.settings).rollup.trouble == ""
    assert platform.counted() == before + 1
    assert verify(platform.settings).differences == ()
    assert raw_equals_source(platform.settings) == ()
    refresh(platform.settings)
    assert rollups_equal_raw(platform.settings) == ()
    upgrade(platform.settings)
    evaluate_organizations(platform.settings, datetime.now(UTC))


@pytest.mark.parametrize(
    "tables",
    [SOURCE_TABLES[first : first + 4] for first in range(0, len(SOURCE_TABLES), 4)],
    ids=lambda tables: tables[0].raw,
)
def test_no_value_of_any_column_stops_others_in_a_later_pass(
    platform: OddPlatform, tables: Sequence[SourceTable]
) -> None:
    """A pass for each table, and at the end a look at all figures."""
    refresh(platform.settings)
    platform.drop_constraints()
    for table in tables:
        assert platform.poison(table) > 10
        assert refresh(platform.settings).rollup.trouble == ""
    assert_all_goes_on(platform)


def test_no_value_of_any_column_stops_others_in_a_first_load(platform: OddPlatform) -> None:
    platform.drop_constraints()
    for table in SOURCE_TABLES:
        platform.poison(table)
    assert refresh(platform.settings).extract.set_aside > 100
    assert_all_goes_on(platform)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_row_set_aside_is_taken_back_when_mended_and_forgotten_when_deleted(
    platform: OddPlatform, is_first: bool
) -> None:
    if not is_first:
        refresh(platform.settings)
    mended, deleted = platform.callback_at("9999-12-31 23:59:59+00"), platform.callback_at("infinity")
    report = refresh(platform.settings).extract
    assert report.set_aside == 2
    assert report.first_set_aside == f"messaging_providerevent id {mended}: received_at is 9999-12-31 23:59:59+00"
    platform.source.execute("update messaging_providerevent set received_at = now() where id = %s", (mended,))
    assert refresh(platform.settings).extract.set_aside == 1
    assert verify(platform.settings).differences == ()
    platform.source.execute("delete from messaging_providerevent where id = %s", (deleted,))
    assert verify(platform.settings).set_aside == 0
    assert raw_equals_source(platform.settings) == ()


def test_a_row_that_was_counted_leaves_the_figures_when_it_can_no_longer_be_used(platform: OddPlatform) -> None:
    row_id = platform.callback_at("now")
    refresh(platform.settings)
    before = platform.counted()
    platform.source.execute("update messaging_providerevent set received_at = 'infinity' where id = %s", (row_id,))
    platform.source.execute("update messaging_outboundmessage set sent_at = '-infinity' where id = 1")
    assert refresh(platform.settings).extract.set_aside == 2
    assert platform.counted() == before - 1
    assert verify(platform.settings).differences == ()


def test_a_number_beyond_its_type_is_set_aside(platform: OddPlatform) -> None:
    refresh(platform.settings)
    platform.source.execute("alter table messaging_providerevent alter latency_ms type bigint")
    platform.source.execute("update messaging_providerevent set latency_ms = 3024000000 where id = 1")
    first = verify(platform.settings).first_set_aside
    assert first == "messaging_providerevent id 1: latency_ms is 3024000000, no INTEGER"


def test_readiness_and_the_doctor_say_what_is_set_aside(platform: OddPlatform) -> None:
    upgrade(platform.settings)
    platform.callback_at("infinity")
    refresh(platform.settings)
    with api_client(platform.settings) as client:
        body = client.get("/readyz").get_json()
    assert body["set_aside"] == 1
    assert "received_at is infinity" in body["first_set_aside"]
    found = list(check_state(platform.settings, datetime.now(UTC)))
    assert any(finding.is_problem and finding.text.startswith("1 rows") for finding in found)


def test_ids_given_by_hand_hide_no_row(platform: OddPlatform) -> None:
    refresh(platform.settings)
    platform.source.execute("update messaging_providerevent set id = %s where id = 1", (2**63 - 1,))
    platform.source.execute("update messaging_providerevent set id = -7 where id = 2")
    assert verify(platform.settings).differences == ()
    platform.callback_at("now")
    platform.source.execute("update messaging_providerevent set latency_ms = 9 where id = -7")
    assert refresh(platform.settings).extract.changed == 2


def test_hours_that_cannot_be_rolled_up_wait_by_name_and_the_rest_is_done(platform: OddPlatform) -> None:
    platform.writer.channel_message(1, "messaging_whatsappmessage", timedelta(days=3))
    refresh(platform.settings)
    (damaged,) = platform.settings.home.rglob(f"whatsapp_message/day={_day(3)}/*.parquet")
    kept = damaged.rename(damaged.with_suffix(".kept"))
    before = platform.counted()
    platform.writer.outbound(1, "telegram", timedelta(days=3))
    platform.writer.outbound(1, "telegram", timedelta(0))
    trouble = refresh(platform.settings).rollup.trouble
    assert trouble.startswith(f"the hour {datetime.now(UTC) - timedelta(days=3):%Y-%m-%d %H}:00 UTC can't be rolled up")
    assert platform.counted() == before + 1
    with api_client(platform.settings) as client:
        assert client.get("/readyz").status_code == 200
        for _ in range(PASSES_BEHIND):
            refresh(platform.settings)
        assert client.get("/readyz").status_code == 503
        assert any(f.is_problem and "behind" in f.text for f in check_state(platform.settings, datetime.now(UTC)))
        kept.rename(damaged)
        assert refresh(platform.settings).rollup.trouble == ""
        assert client.get("/readyz").status_code == 200
    assert platform.counted() == before + 2


def test_an_older_lake_is_brought_up_to_date_and_its_unusable_rows_are_judged(platform: OddPlatform) -> None:
    refresh(platform.settings)
    poisoned = platform.callback_at("9999-12-31 23:59:59+00")
    with writing_lake(platform.settings) as lake, transaction(lake):
        lake.execute("drop table lake.meta.set_aside")
        lake.execute("drop table lake.raw.earlier_email_recipient")
        lake.execute(
            "insert into lake.raw.provider_event by name select * replace (? as id, timestamp '9999-12-31 23:59:59' as "
            "received_at, date '9999-12-31' as day) from lake.raw.provider_event limit 1",
            [poisoned],
        )
        lake.execute(
            """
            update lake.meta.state set value = json_merge_patch(
                value, '{"schema_version": 2, "pending": {"channel_hours": [498808523, 70389527]}}'
            )
            """
        )
    assert refresh(platform.settings).extract.set_aside == 1
    assert read_status(platform.settings).pending_hours == 0
    assert verify(platform.settings).differences == ()


def _day(days_ago: int) -> str:
    return f"{datetime.now(UTC) - timedelta(days=days_ago):%Y-%m-%d}"
