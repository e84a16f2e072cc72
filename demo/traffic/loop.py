"""The loop of live traffic.

Here: what comes in how often, the transactions around it, and going on after a lost connection.
Not here: what each arrival writes (outbound.py, inbox.py, emails.py, daily.py).
"""

import logging
import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg

from demo import sql
from demo.traffic.campaigns import NAMES, start_campaign
from demo.traffic.daily import DailyLife
from demo.traffic.desk import Desk
from demo.traffic.directory import Contact, Directory
from demo.traffic.emails import EmailJobs
from demo.traffic.fates import Fates, Outages
from demo.traffic.inbox import Inbox
from demo.traffic.outbound import OutboundSender
from demo.traffic.rows import Connection, Rows
from demo.traffic.schedule import Action, Schedule
from demo.volumes import SHARES, Share

BATCH_SIZE = 30
LONG_TRANSACTION_SECONDS = 2.0
LATE = timedelta(seconds=60)
COME_AND_GO_PER_MESSAGE = 0.004
IDLE_SECONDS = 0.02
RETRY_SECONDS = 1.0
LOST_CONNECTION = (psycopg.OperationalError, psycopg.InterfaceError)

logger = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def run_traffic(
    url: str, *, rate: float, seed: int, stop: threading.Event, clock: Callable[[], datetime] = utc_now
) -> None:
    """Writes about `rate` outbound messages a second (of the clock), and all that comes with them, until `stop` is set.

    A lost connection is tried again, for as long as it takes; what was under way goes on from there.
    Raises ValueError, NobodyThereError where no history was filled in, and psycopg.Error where the tables are missing.
    """
    if rate <= 0:
        raise ValueError(f"the rate of live traffic must be positive, not {rate}")
    source = random.Random(seed)  # noqa: S311 - a simulation
    traffic: Traffic | None = None
    while not stop.is_set():
        try:
            with sql.connect(url) as connection, sql.connect(url) as long_connection:
                for one in (connection, long_connection):
                    # A row that a pass has read must be there after a crash, as it is in a real database.
                    one.execute("set synchronous_commit = on")
                if traffic is None:
                    traffic = Traffic(rate, source, clock, connection, long_connection)
                else:
                    traffic.rejoin(connection, long_connection)
                traffic.run(stop)
        except LOST_CONNECTION as error:
            logger.warning("live traffic lost its connection and tries again: %s", str(error).strip())
            stop.wait(RETRY_SECONDS)


class Traffic:
    """Arrivals and what follows from them. Outlives its connections."""

    def __init__(
        self,
        rate: float,
        source: random.Random,
        clock: Callable[[], datetime],
        connection: Connection,
        long_connection: Connection,
    ) -> None:
        self._random = source
        self._clock = clock
        self._schedule = Schedule()
        self._outages = Outages(source, clock())
        self._long_rows = Rows(long_connection)
        self._is_long_open = False
        self._desk = Desk(
            Rows(connection), Directory(connection, source), self._schedule, Fates(source), self._outages, source
        )
        self._outbound = OutboundSender(self._desk)
        self._inbox = Inbox(self._desk)
        self._emails = EmailJobs(self._desk)
        self._daily = DailyLife(self._desk)
        self._arrivals = _arrivals()
        self._gap_seconds = 1 / (rate * sum(self._arrivals.values()))
        self._next_arrival_at = clock()

    def rejoin(self, connection: Connection, long_connection: Connection) -> None:
        """Goes on with new connections; the second is for transactions that stay open for a while."""
        self._desk.rows.connection = connection
        self._desk.directory = Directory(connection, self._random)
        self._long_rows.connection = long_connection
        self._is_long_open = False

    def run(self, stop: threading.Event) -> None:
        """Does what is due, and waits for what is not, until stopped."""
        while not stop.is_set():
            now = self._clock()
            outage = self._outages.advance(now)
            if outage is not None:
                logger.info("outage: %s, %s until %s", outage.channel, outage.kind, outage.ends_at)
            self._schedule_arrivals(now)
            for due_at, action in self._schedule.due(now):
                self._act(action, due_at if now - due_at < LATE else now)
                if stop.is_set():
                    break
            stop.wait(IDLE_SECONDS)
        self._commit_long(self._clock())

    def _schedule_arrivals(self, now: datetime) -> None:
        """Arrivals up to now. What would have come during a long absence does not come."""
        if now - self._next_arrival_at > LATE:
            self._next_arrival_at = now
        while self._next_arrival_at <= now:
            self._schedule.at(self._next_arrival_at, self._arrive)
            self._next_arrival_at += timedelta(seconds=self._random.expovariate(1 / self._gap_seconds))

    def _act(self, action: Action, at: datetime) -> None:
        try:
            with self._desk.rows.connection.transaction():
                action(at)
        except psycopg.errors.ForeignKeyViolation as error:
            # Its contact was deleted meanwhile, and the message with it.
            logger.debug("nothing left to write to: %s", error)
        except LOST_CONNECTION:
            self._schedule.at(at, action)
            raise

    def _arrive(self, now: datetime) -> None:
        share = self._random.choices(list(self._arrivals), list(self._arrivals.values()))[0]
        if share is None:
            # A delete waits for whoever refers to the row, and nobody else would end the long transaction.
            self._commit_long(now)
            self._daily.come_and_go(now)
        elif share.kind == "other":
            (self._daily.book if share.source == "booking" else self._daily.call_model)(now)
        elif share.kind in ("campaign", "job"):
            self._start_batch(now, share)
        else:
            self._message(now, share)

    def _message(self, now: datetime, share: Share) -> None:
        directory = self._desk.directory
        contact = directory.contact(directory.organization(share.channel))
        if share.kind == "inbound":
            self._inbox.receive(now, share.channel, contact)
        elif share.source == "outbound":
            self._outbound.start(now, share.channel, contact)
        else:
            self._inbox.send(now, share.channel, contact)

    def _start_batch(self, now: datetime, share: Share) -> None:
        directory = self._desk.directory
        size = self._random.randint(BATCH_SIZE // 3, BATCH_SIZE * 5 // 3)
        contacts = directory.some_contacts(directory.organization(share.channel), size)
        name = self._random.choice(NAMES)
        if share.source == "email":
            self._start_emails(now, share, name, contacts)
            return
        progress, recipient_ids = start_campaign(self._desk.rows, now, share.channel, contacts, name)
        for contact, recipient_id in zip(contacts, recipient_ids, strict=True):
            self._outbound.start(now, share.channel, contact, recipient_id, progress)

    def _start_emails(self, now: datetime, share: Share, name: str, contacts: list[Contact]) -> None:
        """Writes the job in a transaction that stays open while others commit, as a view of the platform does."""
        self._commit_long(now)
        rows = self._long_rows
        rows.connection.execute("begin")
        self._is_long_open = True
        if share.kind == "campaign":
            progress, recipient_ids = start_campaign(rows, now, "email", contacts, name)
            self._emails.start(rows, now, contacts, progress, recipient_ids)
        else:
            self._emails.start(rows, now, contacts)
        self._schedule.at(now + timedelta(seconds=LONG_TRANSACTION_SECONDS), self._commit_long)

    def _commit_long(self, _now: datetime) -> None:
        if self._is_long_open:
            self._is_long_open = False
            self._long_rows.connection.execute("commit")


def _arrivals() -> dict[Share | None, float]:
    """What arrives, by its weight for every outbound message; None stands for contacts that come and go."""
    weights: dict[Share | None, float] = {
        share: share.of_messages / (BATCH_SIZE if share.kind in ("campaign", "job") else 1) for share in SHARES
    }
    weights[None] = COME_AND_GO_PER_MESSAGE
    return weights
