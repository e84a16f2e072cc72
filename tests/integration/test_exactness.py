"""Whatever the platform writes, in whatever order and transactions: after a pass the warehouse equals the source."""

import os
from collections.abc import Callable
from pathlib import Path

import hypothesis
import psycopg
import pytest
from hypothesis import HealthCheck
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from demo.schema import create_schema, table_names
from tests.integration.held_content import Follower, follower
from tests.integration.platform_writer import (
    AGES,
    CHANNEL_TABLES,
    CHANNELS,
    OLD_AGES,
    STATUSES,
    PlatformWriter,
    open_connection,
    utc_now,
)
from warehouse.refresh import refresh
from warehouse.reload import reload
from warehouse.settings import Settings
from warehouse.source.reading import ORDINARY
from warehouse.verify import raw_equals_source, rollups_equal_raw, verify
from warehouse.verify.run import THOROUGH

NUMBERS = st.integers(0, 400)
CASCADING = ("contacts_contact", "messaging_campaign", "messaging_emailjob", "messaging_outboundmessage")
SIMPLE = ("messaging_whatsappmessage", "messaging_suppression", "messaging_providerevent", "bookings_booking")


class Platform(RuleBasedStateMachine):
    """A platform at work and a warehouse that follows it.

    `hidden` says that something happened which an ordinary pass need not see yet: a row was deleted, or a row older
    than the raw window was written. Until a thorough pass, only thorough passes are proved.
    """

    url: str
    warehouse: Settings
    follower: Follower

    def __init__(self) -> None:
        super().__init__()
        self._now = utc_now()
        self._direct = open_connection(self.url, autocommit=True)
        self._long = open_connection(self.url, autocommit=False)
        self._is_long_open = self._is_hidden = self._is_long_hidden = False

    def teardown(self) -> None:
        self._long.close()
        self._direct.close()
        # However often it went over in between, and over what.
        assert self.follower.follow()
        assert self.follower.differing() == []

    @initialize(number=NUMBERS, age=st.sampled_from((*AGES, *OLD_AGES)))
    def begin(self, number: int, age: object) -> None:
        tables = ", ".join(table_names(self.url))
        self._direct.execute(f"truncate {tables} restart identity cascade".encode())
        self._writer().people()
        self._writer().campaign(number, age)  # type: ignore[arg-type]
        reload(self.warehouse, may_lose=True)

    @rule(number=NUMBERS, channel=st.sampled_from(CHANNELS), age=st.sampled_from(AGES), is_long=st.booleans())
    def send(self, number: int, channel: str, age: object, is_long: bool) -> None:
        self._write(is_long, lambda writer: writer.outbound(number, channel, age))  # type: ignore[arg-type]

    @rule(number=NUMBERS, table=st.sampled_from(sorted(CHANNEL_TABLES)), age=st.sampled_from(AGES))
    def send_by_channel_table(self, number: int, table: str, age: object) -> None:
        self._write(False, lambda writer: writer.channel_message(number, table, age))  # type: ignore[arg-type]

    @rule(
        number=NUMBERS, channel=st.sampled_from(CHANNELS), age=st.sampled_from(AGES), times=st.integers(1, 3),
        is_long=st.booleans(),
    )  # fmt: skip
    def call_back(self, number: int, channel: str, age: object, times: int, is_long: bool) -> None:
        for _ in range(times):
            self._write(is_long, lambda writer: writer.callback(number, channel, age))  # type: ignore[arg-type]

    @rule(number=NUMBERS, age=st.sampled_from(AGES), is_long=st.booleans())
    def start_campaign(self, number: int, age: object, is_long: bool) -> None:
        self._write(is_long, lambda writer: writer.campaign(number, age))  # type: ignore[arg-type]

    @rule(number=NUMBERS, age=st.sampled_from(AGES))
    def suppress(self, number: int, age: object) -> None:
        self._write(False, lambda writer: writer.suppression(number, age))  # type: ignore[arg-type]

    @rule(number=NUMBERS, age=st.sampled_from(AGES), is_long=st.booleans())
    def live_a_day(self, number: int, age: object, is_long: bool) -> None:
        self._write(is_long, lambda writer: writer.daily(number, age))  # type: ignore[arg-type]

    @rule(table=st.sampled_from(sorted(STATUSES)), number=NUMBERS, is_long=st.booleans())
    def change_status(self, table: str, number: int, is_long: bool) -> None:
        self._hide(is_long, any(self._has_old_rows()))
        self._write(is_long, lambda writer: writer.change_status(table, number))

    @rule(number=NUMBERS, age=st.sampled_from(OLD_AGES), is_campaign=st.booleans())
    def write_old_rows(self, number: int, age: object, is_campaign: bool) -> None:
        self._hide(False, True)
        self._write(
            False,
            lambda writer: writer.campaign(number, age) if is_campaign else writer.outbound(number, "email", age),  # type: ignore[arg-type]
        )

    @rule(table=st.sampled_from((*CASCADING, *SIMPLE)), number=NUMBERS)
    def delete(self, table: str, number: int) -> None:
        contacts = self._direct.execute("select count(*) from contacts_contact").fetchone()
        if table != "contacts_contact" or (contacts and contacts[0] > 3):
            self._hide(False, True)
            self._write(False, lambda writer: writer.delete(table, number))

    @precondition(lambda self: self._is_long_open)
    @rule(commits=st.booleans())
    def end_long_transaction(self, commits: bool) -> None:
        if commits:
            self._long.commit()
            self._is_hidden |= self._is_long_hidden
        else:
            self._long.rollback()
        self._long.execute("set lock_timeout = '300ms'")
        self._is_long_open = self._is_long_hidden = False

    @rule()
    def pass_by(self) -> None:
        refresh(self.warehouse)

    @rule()
    def prove_the_warehouse(self) -> None:
        request = THOROUGH if self._is_hidden else ORDINARY
        assert verify(self.warehouse, request=request).differences == ()
        self._is_hidden = False

    @rule()
    def prove_the_layers(self) -> None:
        if not self._is_hidden:
            assert raw_equals_source(self.warehouse) == ()
            refresh(self.warehouse)
        assert rollups_equal_raw(self.warehouse) == ()

    @rule()
    def hold_in_memory(self) -> None:
        assert self.follower.follow()

    def _writer(self) -> PlatformWriter:
        return PlatformWriter(self._direct, self._now)

    def _hide(self, is_long: bool, hides: bool) -> None:
        if hides and is_long:
            self._is_long_hidden = True
        elif hides:
            self._is_hidden = True

    def _has_old_rows(self) -> list[bool]:
        query = "select exists (select from {} where created_at < now() - interval '29 days')"
        tables = ("messaging_outboundmessage", "messaging_emailrecipient", "messaging_campaignrecipient")
        rows = [self._direct.execute(query.format(table).encode()).fetchone() for table in tables]
        return [bool(row and row[0]) for row in rows]

    def _write(self, is_long: bool, write: Callable[[PlatformWriter], None]) -> None:
        """Writes at once, or under a savepoint of a transaction that stays open, as Django's atomic blocks do."""
        connection = self._long if is_long else self._direct
        self._is_long_open |= is_long
        try:
            with connection.transaction():
                write(PlatformWriter(connection, self._now))
        except (psycopg.errors.LockNotAvailable, psycopg.errors.ForeignKeyViolation, psycopg.errors.DeadlockDetected):
            return


@pytest.mark.timeout(1200)
def test_after_any_sequence_of_writes_and_passes_the_warehouse_equals_the_source(
    new_database: Callable[[], str], tmp_path: Path
) -> None:
    source, catalog = new_database(), new_database()
    create_schema(source)
    Platform.url = source
    Platform.warehouse = Settings(
        home=tmp_path, source_url=source, warehouse_url=catalog, lake_path=str(tmp_path / "lake"), hash_key="k",
        delete_check_seconds=86_400, duckdb_threads=2,
    )  # fmt: skip
    refresh(Platform.warehouse)
    with follower(Platform.warehouse) as Platform.follower:
        run_state_machine_as_test(
            Platform,
            settings=hypothesis.settings(
                max_examples=int(os.environ.get("EXACTNESS_EXAMPLES", "10")),
                stateful_step_count=25,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
