"""A command that is killed at any moment leaves all of a step or nothing of it, and the next one goes on."""

import random
import signal
from datetime import timedelta
from itertools import islice

import psycopg
import pytest

from tests.faults.commands import (
    TIMES,
    await_connection,
    end_after,
    seconds_of,
    start,
    write_something,
    writing_commands,
)
from tests.faults.ledger import LEDGER, proves_nothing_lost
from tests.integration.lake_damage import KINDS, damage, live_file
from tests.integration.platform_writer import utc_now
from warehouse.lake.connection import open_lake
from warehouse.refresh import extract_into, refresh, writing_lake
from warehouse.settings import Settings
from warehouse.status import status_of
from warehouse.verify import raw_equals_source, rollups_equal_raw, verify


def test_a_first_load_that_is_killed_leaves_nothing_and_the_next_one_loads_everything(loading: Settings) -> None:
    source = random.Random(11)
    for _ in range(max(1, TIMES // 2)):
        was_at_work, _ = end_after(start(loading, "refresh"), source.uniform(0.8, 4), signal.SIGKILL)
        with psycopg.connect(loading.required("warehouse_url")) as catalog:
            exists = catalog.execute("select to_regclass('public.ducklake_schema')").fetchone()
            found = (
                catalog.execute("select count(*) from ducklake_schema where schema_name in ('raw', 'meta')").fetchone()
                if exists and exists[0]
                else (0,)
            )
        assert found in ((0,), (2,))
        if not was_at_work:
            break
    refresh(loading)
    proves_nothing_lost(loading, "first load killed (kill -9)", max(1, TIMES // 2))


def test_a_command_that_is_killed_loses_nothing(loading: Settings) -> None:
    """Each of them in turn, a repair over a file that is damaged."""
    source = random.Random(12)
    refresh(loading)
    commands = dict(islice(writing_commands().items(), TIMES))
    whole = {name: seconds_of(loading, *arguments) for name, arguments in commands.items()}
    killed = dict.fromkeys(whole, 0)
    for number in range(TIMES):
        name = list(whole)[number % len(whole)]
        write_something(loading, source)
        if name == "repair":
            damage(
                live_file(loading, source.choice(("raw.contact", "rollup.channel_hour"))), source.choice(list(KINDS))
            )
        moment = source.uniform(0.3, 1.1) * whole[name]
        killed[name] += end_after(start(loading, *writing_commands()[name]), moment, signal.SIGKILL)[0]
        if name == "repair":
            seconds_of(loading, "repair")
    assert sum(killed.values()) > 0
    refresh(loading)
    assert raw_equals_source(loading) == ()
    refresh(loading)
    assert rollups_equal_raw(loading) == ()
    differences = verify(loading).differences
    LEDGER.update({f"`{name}` killed (kill -9)": (times, len(differences)) for name, times in killed.items()})
    assert differences == ()


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_asked_to_end_says_so_in_one_line_and_loses_nothing(
    loading: Settings, by: signal.Signals
) -> None:
    source = random.Random(14)
    refresh(loading)
    commands = list(writing_commands().values())
    ended = 0
    for number in range(max(1, TIMES // 3)):
        write_something(loading, source)
        process = start(loading, *commands[number % len(commands)])
        await_connection(process, loading.required("warehouse_url"))
        was_at_work, said = end_after(process, source.uniform(0, 0.3), by)
        if was_at_work:
            ended += 1
            assert process.returncode == 128 + by
            assert f"ended by {by.name}" in said
            assert "Traceback" not in said
    assert ended > 0
    refresh(loading)
    proves_nothing_lost(loading, f"a command ended by {by.name}", ended)


def test_rows_merged_before_a_kill_are_rolled_up_by_the_next_pass(loading: Settings) -> None:
    refresh(loading)
    write_something(loading, random.Random(13))
    with writing_lake(loading) as lake:
        extract_into(lake, loading)
        assert status_of(lake).pending_hours > 0
    refresh(loading)
    with open_lake(loading, read_only=True) as lake:
        status = status_of(lake)
    assert status.pending_hours == 0
    assert status.rolled_up_as_of == status.as_of
    assert utc_now() - status.as_of < timedelta(minutes=5)
    assert verify(loading).differences == ()
