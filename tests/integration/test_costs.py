"""What decides how long things take on any machine: who makes a number grow changes it here and says why."""

from datetime import timedelta

import psycopg
import pytest

from tests.integration.counted_statements import counted_statements
from tests.integration.odd_rows import OddPlatform
from warehouse.refresh import refresh
from warehouse.settings import Settings

QUIET_PASS = 111
"""Statements of a pass that finds nothing new: some for each of the 16 tables, and some to begin and end."""
SMALL_PASS = 155
"""Statements of a pass over one message: those of a quiet one, merging, and the rollups of an hour."""
COMPACT_EVERY = 5
MOST_FILES_A_TABLE_AND_DAY = COMPACT_EVERY + 1
"""Of rows: one a pass since the last compaction, and the one that it left."""
MOST_SNAPSHOTS = 2 * COMPACT_EVERY
"""Two of each pass since the last compaction, of which that itself leaves a few."""


@pytest.fixture
def platform(odd_platform: OddPlatform) -> OddPlatform:
    """A small platform, loaded, and passed over once."""
    refresh(odd_platform.settings)
    refresh(odd_platform.settings)
    return odd_platform


def files_a_table_and_day(settings: Settings) -> int:
    """The most data files that one partition of one table has in the present snapshot."""
    with psycopg.connect(settings.required("warehouse_url")) as warehouse:
        row = warehouse.execute(
            """
            select max(n) from (
                select count(*) as n from ducklake_data_file f
                left join ducklake_file_partition_value v using (data_file_id)
                where f.end_snapshot is null group by f.table_id, v.partition_value
            ) counted
            """
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_a_quiet_pass_reads_no_row_and_makes_so_many_statements(
    platform: OddPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    with counted_statements(monkeypatch) as statements:
        report = refresh(platform.settings)
    assert sum(table.read for table in report.extract.tables) == 0
    assert 0 < len(statements) <= QUIET_PASS


def test_a_pass_reads_the_rows_that_were_written_and_makes_so_many_statements(
    platform: OddPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.writer.outbound(1, "whatsapp", timedelta(0))
    with counted_statements(monkeypatch) as statements:
        report = refresh(platform.settings)
    assert sum(table.read for table in report.extract.tables) == 1
    assert 0 < len(statements) <= SMALL_PASS


def snapshots(settings: Settings) -> int:
    """How many snapshots the catalog knows."""
    with psycopg.connect(settings.required("warehouse_url")) as warehouse:
        row = warehouse.execute("select count(*) from ducklake_snapshot").fetchone()
    assert row is not None
    return int(row[0])


def test_files_and_snapshots_stay_few_however_many_passes_there_are(platform: OddPlatform) -> None:
    update = {"compact_every_passes": COMPACT_EVERY, "expire_grace_seconds": 0}
    settings = platform.settings.model_copy(update=update)
    most = most_snapshots = 0
    for number in range(3 * COMPACT_EVERY):
        platform.writer.outbound(number, "whatsapp", timedelta(0))
        platform.writer.callback(number, "whatsapp", timedelta(0))
        refresh(settings)
        most = max(most, files_a_table_and_day(settings))
        most_snapshots = max(most_snapshots, snapshots(settings))
    assert 1 < most <= MOST_FILES_A_TABLE_AND_DAY
    assert COMPACT_EVERY < most_snapshots <= MOST_SNAPSHOTS
