"""The real parts of the integration tests, for tests that break them, and the table of what was broken how often."""

from collections.abc import Callable

import pytest

from demo.history import fill
from tests.faults.ledger import LEDGER
from tests.integration.conftest import new_database, new_warehouse, server
from tests.integration.platform_writer import utc_now
from warehouse.settings import Settings

__all__ = ["loading", "new_database", "server"]


@pytest.fixture(scope="module")
def loading(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A filled source and a warehouse that nothing was loaded into yet."""
    home = tmp_path_factory.mktemp("faults")
    settings = new_warehouse(new_database, home, delete_check_seconds=0, compact_every_passes=5)
    fill(settings.required("source_url"), messages=8_000, seed=3, now=utc_now(), days=60)
    return settings


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table of docs/faults.md, of this run."""
    if LEDGER:
        terminalreporter.section("faults")
        terminalreporter.write_line("| what happened | times | figures lost |\n| --- | --- | --- |")
        for case, (times, lost) in LEDGER.items():
            terminalreporter.write_line(f"| {case} | {times:,} | {lost:,} |")
