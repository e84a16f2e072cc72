"""What several passes did together."""

from datetime import UTC, date, datetime, timedelta

from warehouse.refresh import RefreshReport
from warehouse.rollups.roll_up import RollupReport
from warehouse.source.extract import ExtractReport
from warehouse.source.merge import TableReport
from warehouse.watch import summed

AS_OF = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
TODAY, YESTERDAY = date(2026, 3, 9), date(2026, 3, 8)


def _pass(number: int, *tables: TableReport, rollup: RollupReport | None = None) -> RefreshReport:
    extract = ExtractReport(
        as_of=AS_OF + timedelta(seconds=30 * number),
        watermark=1_000 + number,
        is_first_load=False,
        is_sweep=False,
        tables=tables,
        old_days=(),
        seconds=0.5,
    )
    return RefreshReport(extract, rollup or RollupReport(), None)


def test_rows_add_up_by_table_and_day_and_the_snapshot_is_the_last() -> None:
    together = summed(
        [
            _pass(0, TableReport("contact", read=3, changed=2), TableReport("booking", 1, 1, days={YESTERDAY: 1})),
            _pass(1, TableReport("booking", read=4, changed=2, deleted=1, days={YESTERDAY: 1, TODAY: 2})),
        ]
    ).extract
    assert {table.raw: (table.read, table.changed, table.deleted, table.days) for table in together.tables} == {
        "contact": (3, 2, 0, {}),
        "booking": (5, 3, 1, {YESTERDAY: 2, TODAY: 2}),
    }
    assert (together.as_of, together.watermark, together.seconds) == (AS_OF + timedelta(seconds=30), 1_001, 1.0)


def test_what_could_not_be_rolled_up_is_no_trouble_once_it_was() -> None:
    troubled = _pass(0, rollup=RollupReport(hours=1, trouble="Hour 12 can't be rolled up"))
    mended = _pass(1, rollup=RollupReport(hours=2, partitions={"channel_5m": (TODAY,)}))
    assert summed([troubled, mended]).rollup == RollupReport(hours=3, partitions={"channel_5m": (TODAY,)})
    assert summed([mended, troubled]).rollup.trouble == "Hour 12 can't be rolled up"
