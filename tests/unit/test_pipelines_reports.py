"""From the warehouse's reports to what Dagster shows."""

from datetime import UTC, date, datetime, timedelta

import dagster as dg

from pipelines.checks import OLDEST_FRESH, fresh, no_difference
from pipelines.materializations import (
    extract_metadata,
    extracted_rollup_materializations,
    held_materializations,
    raw_materializations,
    rollup_materializations,
)
from warehouse.rollups.roll_up import RollupReport
from warehouse.settings import Settings
from warehouse.source.extract import ExtractReport
from warehouse.source.merge import TableReport
from warehouse.verify import Difference

AS_OF = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
TODAY, YESTERDAY = date(2026, 3, 9), date(2026, 3, 8)


def _report(*tables: TableReport, old_days: tuple[date, ...] = ()) -> ExtractReport:
    return ExtractReport(
        as_of=AS_OF,
        watermark=7_000_000_000,
        is_first_load=False,
        is_sweep=False,
        tables=tables,
        old_days=old_days,
        seconds=1.25,
    )


def _marked(events: list[dg.AssetMaterialization]) -> set[tuple[str, str | None]]:
    return {(event.asset_key.to_user_string(), event.partition) for event in events}


def test_a_raw_table_is_marked_on_the_days_whose_rows_changed() -> None:
    events = list(
        raw_materializations(
            _report(
                TableReport("provider_event", read=9, changed=5, days={YESTERDAY: 2, TODAY: 3}),
                TableReport("contact", read=1, changed=1),
                TableReport("booking", read=4),
            )
        )
    )
    assert _marked(events) == {
        ("raw/directory", None),
        ("raw/provider_event", "2026-03-08"),
        ("raw/provider_event", "2026-03-09"),
        ("raw/contact", None),
    }
    today = next(event for event in events if event.partition == "2026-03-09")
    assert today.metadata["rows_changed_of_day"].value == 3
    assert today.metadata["watermark"].value == 7_000_000_000


def test_what_the_lake_holds_is_marked_with_its_days_and_without_lifetime_rows() -> None:
    held = {"raw.contact": (), "rollup.channel_day": (YESTERDAY, TODAY), "rollup.channel_lifetime": ()}
    assert _marked(list(held_materializations(held, AS_OF))) == {
        ("raw/contact", None),
        ("rollup/channel_day", "2026-03-08"),
        ("rollup/channel_day", "2026-03-09"),
    }


def test_a_rollup_is_marked_on_the_days_that_were_recomputed() -> None:
    report = RollupReport(
        hours=2, totals=("channel_total",), partitions={"channel_5m": (TODAY,), "channel_day": (YESTERDAY, TODAY)}
    )
    assert _marked(list(rollup_materializations(report, AS_OF))) == {
        ("rollup/channel_5m", "2026-03-09"),
        ("rollup/channel_day", "2026-03-08"),
        ("rollup/channel_day", "2026-03-09"),
        ("rollup/channel_total", None),
    }


def test_an_old_day_is_marked_in_the_layers_that_still_keep_it() -> None:
    settings = Settings(_env_file=None)
    old, older, oldest = (TODAY - timedelta(days=days) for days in (60, 200, 500))
    events = list(extracted_rollup_materializations(_report(old_days=(oldest, older, old)), settings))
    marked = _marked(events)
    assert ("rollup/channel_5m", str(old)) in marked
    assert ("rollup/channel_hour", str(old)) in marked
    assert ("rollup/channel_hour", str(older)) not in marked
    assert ("rollup/channel_day", str(older)) in marked
    assert ("rollup/campaign_day", str(older)) in marked
    assert str(oldest) not in {event.partition for event in events}


def test_unsubscribes_are_marked_when_what_they_come_from_changed() -> None:
    settings = Settings(_env_file=None)
    changed = _report(TableReport("suppression", read=1, changed=1))
    assert _marked(list(extracted_rollup_materializations(changed, settings))) == {("rollup/unsubscribe", None)}
    assert not list(extracted_rollup_materializations(_report(TableReport("booking", changed=1)), settings))


def test_an_extraction_says_how_old_its_snapshot_is() -> None:
    metadata = extract_metadata(
        _report(TableReport("booking", read=4, changed=3, deleted=1)), AS_OF + timedelta(seconds=2)
    )
    assert metadata["lag_seconds"].value == 2.0
    assert (metadata["rows_read"].value, metadata["rows_changed"].value, metadata["rows_deleted"].value) == (4, 3, 1)


def test_a_check_with_a_difference_fails_and_names_it() -> None:
    result = no_difference([Difference("rollup.channel_hour", "organization_id=1", "sent", 5, 6)])
    assert not result.passed
    assert result.severity is dg.AssetCheckSeverity.ERROR
    assert "sent: expected 5, found 6" in str(result.metadata["differences"].value)


def test_a_check_without_a_difference_passes() -> None:
    assert no_difference([]).passed


def test_figures_are_fresh_until_the_limit() -> None:
    assert fresh(AS_OF, AS_OF + OLDEST_FRESH).passed
    assert not fresh(AS_OF, AS_OF + OLDEST_FRESH + timedelta(seconds=1)).passed


def test_no_figures_are_not_fresh_figures() -> None:
    assert not fresh(None, AS_OF).passed
