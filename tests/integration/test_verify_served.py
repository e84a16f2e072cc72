"""`verify` tells what was served wrong from what its own pass mended, and looks without touching when asked to."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from cli.commands.verify import exit_status, verify_document
from demo.postgres import embedded_server
from demo.schema import create_schema
from tests.integration.odd_rows import OddPlatform
from warehouse.lake.connection import transaction
from warehouse.refresh import extract_into, refresh, writing_lake
from warehouse.settings import Settings
from warehouse.source.reading import Request
from warehouse.status import latest_snapshot, read_status
from warehouse.verify import look, verify


@pytest.fixture
def platform(new_database: Callable[[], str], tmp_path: Path) -> Iterator[OddPlatform]:
    """A small platform, loaded once, on a server of its own: the warehouse's writes don't move its counter."""
    with embedded_server(tmp_path / "operational") as server:
        settings = Settings(
            home=tmp_path, source_url=server.url("corbi"), warehouse_url=new_database(),
            lake_path=str(tmp_path / "lake"), hash_key="k",
        )  # fmt: skip
        create_schema(settings.required("source_url"))
        made = OddPlatform(settings)
        made.fill()
        refresh(settings)
        with closing(made.source):
            yield made


def falsify(platform: OddPlatform) -> None:
    with writing_lake(platform.settings) as lake, transaction(lake):
        lake.execute("update lake.rollup.channel_day set read = read + 1 where channel = 'whatsapp'")


def move_into_the_raw_window(platform: OddPlatform) -> None:
    """A message with the least id is counted 40 days ago; then its time is moved to now."""
    platform.writer.outbound(2, "whatsapp", timedelta(days=40))
    platform.source.execute(
        "update messaging_outboundmessage set id = -7 where created_at < now() - interval '39 days'"
    )
    refresh(platform.settings, Request(sweep=True))
    platform.source.execute("update messaging_outboundmessage set created_at = now() where id = -7")


def test_a_row_moved_into_the_raw_window_is_mended_and_told(platform: OddPlatform) -> None:
    move_into_the_raw_window(platform)
    report = verify(platform.settings)
    assert report.differences == ()
    assert sorted(one.found - one.expected for one in report.mended if one.figure == "channels by day") == [-1, 1]
    assert exit_status(report) == 3
    assert verify_document(report)["mended"] == report.mended
    again = verify(platform.settings)
    assert (again.differences, again.mended, exit_status(again)) == ((), (), 0)


def test_what_an_ordinary_pass_brings_up_to_date_was_not_served_wrong(platform: OddPlatform) -> None:
    platform.writer.outbound(2, "whatsapp", timedelta(0))
    platform.source.execute("update messaging_outboundmessage set status = 'read' where id = 1")
    report = verify(platform.settings)
    assert (report.differences, report.mended) == ((), ())


def test_a_figure_that_no_pass_mends_is_a_difference_and_not_mended(platform: OddPlatform) -> None:
    falsify(platform)
    for _ in range(2):
        report = verify(platform.settings)
        assert {(one.figure, one.found - one.expected) for one in report.differences} == {("channels by day", 1.0)}
        assert report.mended == ()
        assert exit_status(report) == 1


def test_the_moment_of_a_thorough_verification_is_that_of_its_snapshot(platform: OddPlatform) -> None:
    report = verify(platform.settings)
    assert read_status(platform.settings).as_of == report.as_of


def test_a_look_writes_nothing_and_knows_whether_the_source_moved(platform: OddPlatform) -> None:
    served = read_status(platform.settings)
    before = latest_snapshot(platform.settings)
    report = look(platform.settings)
    assert (report.differences, report.source_moved, report.as_of) == ((), False, served.as_of)
    assert exit_status(report) == 0
    falsify(platform)
    falsified = latest_snapshot(platform.settings)
    assert falsified != before
    report = look(platform.settings)
    assert {one.figure for one in report.differences} == {"channels by day"}
    assert (report.source_moved, exit_status(report)) == (False, 1)
    platform.writer.outbound(2, "whatsapp", timedelta(0))
    report = look(platform.settings)
    assert {one.figure for one in report.differences} > {"channels by day"}
    assert (report.source_moved, exit_status(report)) == (True, 3)
    assert latest_snapshot(platform.settings) == falsified
    assert read_status(platform.settings) == served


def test_a_look_does_not_blame_rows_that_wait_to_be_rolled_up(platform: OddPlatform) -> None:
    platform.writer.outbound(2, "whatsapp", timedelta(0))
    served = read_status(platform.settings).as_of
    with writing_lake(platform.settings) as lake:
        extract_into(lake, platform.settings)
    report = look(platform.settings)
    assert report.differences != ()
    assert (report.source_moved, report.as_of) == (True, served)
