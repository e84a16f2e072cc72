"""What is read is what is there: rights in effect, the same database, its whole snapshot, its own encoding."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from demo.postgres import embedded_server
from demo.schema import create_schema
from tests.integration.odd_rows import OddPlatform
from warehouse.doctor import check_source
from warehouse.errors import SourceContractBrokenError, SourceResetError, SourceUnavailableError
from warehouse.refresh import refresh
from warehouse.settings import Settings
from warehouse.status import moved_since, source_moved
from warehouse.verify import verify

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def settings_of(source: str, warehouse: str, home: Path) -> Settings:
    """A warehouse over a source."""
    return Settings(home=home, source_url=source, warehouse_url=warehouse, lake_path=str(home / "lake"), hash_key="k")


@pytest.fixture
def platform(odd_platform: OddPlatform) -> OddPlatform:
    """A small platform, loaded once."""
    refresh(odd_platform.settings)
    return odd_platform


def reader(platform: OddPlatform, name: str, *, options: str = "") -> Settings:
    """The same warehouse, read by a role that has the right to read by name."""
    platform.source.execute(f"create role {name} login password 'p' {options}".encode())
    platform.source.execute(f"grant usage on schema public to {name}".encode())
    platform.source.execute(f"grant select on all tables in schema public to {name}".encode())
    url = make_conninfo(platform.settings.required("source_url"), user=name, password="p")
    return platform.settings.model_copy(update={"source_url": type(platform.settings.source_url)(url)})


def test_rows_hidden_by_row_level_security_stop_a_pass_and_name_the_remedy(platform: OddPlatform) -> None:
    settings = reader(platform, "reads_by_name")
    refresh(settings)
    platform.source.execute("alter table messaging_outboundmessage enable row level security")
    hidden = 'hides rows of public.messaging_outboundmessage.*"reads_by_name" bypassrls'
    with pytest.raises(SourceContractBrokenError, match=hidden):
        refresh(settings)
    assert any("row-level security" in finding.text for finding in check_source(settings, NOW))
    platform.source.execute("alter role reads_by_name bypassrls")
    refresh(settings)
    assert verify(settings).differences == ()


def test_another_database_under_the_same_url_is_noticed_whatever_its_counter(
    platform: OddPlatform, new_database: Callable[[], str]
) -> None:
    other = new_database()
    create_schema(other)
    for _ in range(3):
        with psycopg.connect(other) as connection:
            connection.execute("create table if not exists moves_the_counter ()")
    replaced = platform.settings.model_copy(update={"source_url": type(platform.settings.source_url)(other)})
    with pytest.raises(SourceResetError, match="another database"):
        refresh(replaced)


def test_a_transaction_that_commits_after_a_pass_is_movement(new_database: Callable[[], str], tmp_path: Path) -> None:
    # The warehouse's own writes would move the counter of a server that both were on.
    with embedded_server(tmp_path / "operational") as server:
        settings = settings_of(server.url("corbi"), new_database(), tmp_path)
        create_schema(settings.required("source_url"))
        with psycopg.connect(settings.required("source_url")) as long:
            long.execute("update messaging_outboundmessage set status = 'read'")
            long.execute("select pg_current_xact_id()")
            seen = refresh(settings).extract.source_snapshot
            assert not source_moved(settings)
            assert not moved_since(settings, seen)
            long.commit()
        assert source_moved(settings)
        assert moved_since(settings, seen)
        refresh(settings)
        assert not source_moved(settings)


@pytest.mark.parametrize(("encoding", "set_aside"), [("LATIN1", 0), ("SQL_ASCII", 2)])
def test_texts_in_another_encoding_are_read_and_those_of_no_encoding_set_aside(
    platform: OddPlatform, new_database: Callable[[], str], tmp_path: Path, encoding: str, set_aside: int
) -> None:
    name = f"encoded_{encoding.lower()}"
    platform.source.execute(
        f"create database {name} encoding '{encoding}' lc_collate 'C' lc_ctype 'C' template template0".encode()
    )
    source = make_conninfo(platform.settings.required("source_url"), dbname=name)
    settings = settings_of(source, new_database(), tmp_path / "encoded")
    create_schema(source)
    made = OddPlatform(settings)
    with closing(made.source):
        made.fill()
    with psycopg.connect(make_conninfo(source, client_encoding="SQL_ASCII"), autocommit=True) as raw:
        raw.execute(b"update messaging_outboundmessage set error = 'caf\xe9' where id = 1")
        assert refresh(settings).extract.set_aside == set_aside // 2
        raw.execute(b"update messaging_outboundmessage set error = 'caf\xe9' where id = 2")
    assert refresh(settings).extract.set_aside == set_aside
    assert verify(settings).differences == ()


def test_a_failed_read_names_the_table_the_cause_and_the_remedy(platform: OddPlatform) -> None:
    settings = reader(platform, "is_cut_off")
    platform.source.execute("alter role is_cut_off set statement_timeout = '2ms'")
    with pytest.raises(SourceUnavailableError, match=r"statement timeout.*set statement_timeout = 0"):
        refresh(settings)
    assert any("statement_timeout" in finding.text and finding.is_problem for finding in check_source(settings, NOW))


def test_the_doctor_names_columns_that_became_wider(platform: OddPlatform) -> None:
    platform.source.execute("alter table messaging_providerevent alter latency_ms type bigint")
    found = [f for f in check_source(platform.settings, NOW) if "latency_ms" in f.text]
    assert found
    assert "bigint" in found[0].text
