"""A reload replaces the lake in one commit, or leaves it as it was."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from demo.history import fill
from tests.integration.conftest import ask, new_warehouse, write
from tests.integration.platform_writer import utc_now
from warehouse.errors import SourceContractBrokenError, SourceUnavailableError, WouldLoseError
from warehouse.refresh import refresh
from warehouse.reload import reload
from warehouse.settings import Settings
from warehouse.verify import verify

FIGURES = "select day, sum(delivered) from lake.rollup.channel_day group by day order by day"


@pytest.fixture
def warehouse(new_database: Callable[[], str], tmp_path: Path) -> Settings:
    """Forty days, loaded."""
    settings = new_warehouse(new_database, tmp_path)
    fill(settings.required("source_url"), messages=2_000, seed=3, now=utc_now(), days=40)
    refresh(settings)
    return settings


def test_a_source_that_can_not_be_read_leaves_the_lake_as_it_was(warehouse: Settings) -> None:
    before = ask(warehouse, FIGURES)
    nowhere = warehouse.model_copy(update={"source_url": "postgresql://nobody@127.0.0.1:1/nothing"})
    with pytest.raises(SourceUnavailableError):
        reload(Settings.model_validate(nowhere.model_dump()))
    write(warehouse, "alter table billing_billinglog rename to elsewhere")
    with pytest.raises(SourceContractBrokenError, match="billing_billinglog"):
        reload(warehouse)
    assert ask(warehouse, FIGURES) == before
    write(warehouse, "alter table elsewhere rename to billing_billinglog")
    refresh(warehouse)
    assert verify(warehouse).differences == ()


def test_it_is_one_commit_and_what_it_leaves_is_proved(warehouse: Settings) -> None:
    snapshots = "select max(snapshot_id) from ducklake_snapshots('lake')"
    ((before,),) = ask(warehouse, snapshots)
    report = reload(warehouse.model_copy(update={"compact_every_passes": 1_000}))
    assert report.extract.is_first_load
    assert ask(warehouse, snapshots) == [(int(str(before)) + 1,)]
    assert verify(warehouse).differences == ()


def test_figures_that_only_the_lake_still_has_are_named_before_they_are_lost(warehouse: Settings) -> None:
    before = ask(warehouse, FIGURES)
    gone = utc_now().date() - timedelta(days=36)
    for table in ("outboundmessage", "whatsappmessage", "telegrammessage", "instagrammessage", "emailrecipient"):
        assert write(warehouse, f"delete from messaging_{table} where created_at < '{gone}'")
    assert write(warehouse, f"delete from messaging_inboundmessage where received_at < '{gone}'")
    with pytest.raises(WouldLoseError, match=rf"{before[0][0]} to {gone - timedelta(days=1)}.*--yes"):
        reload(warehouse)
    assert ask(warehouse, FIGURES) == before
    reload(warehouse, may_lose=True)
    assert ask(warehouse, f"select count(*) from lake.rollup.channel_day where day < '{gone}' and delivered > 0") == [
        (0,)
    ]
    assert verify(warehouse).differences == ()


def test_a_lake_that_can_not_be_read_is_replaced_where_that_is_meant(warehouse: Settings) -> None:
    for file in Path(warehouse.required("lake_path")).rglob("channel_day/**/*.parquet"):
        file.unlink()
    with pytest.raises(WouldLoseError, match=r"can't be read.*--yes"):
        reload(warehouse)
    reload(warehouse, may_lose=True)
    assert verify(warehouse).differences == ()
