"""One pass over what is due: decide, send, then record.

Belongs here: the order of a pass, several targets at once, and the end of every attempt. Does not: rows (plan.py,
claims.py), transports (alerts/notify/).
"""

import logging
import queue
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import psycopg

from alerts.delivery.claims import (
    Claimed,
    claim,
    due_targets,
    fail_gone,
    mark_sent,
    mark_unsent,
    message_of,
    organization_names,
)
from alerts.delivery.plan import MOST, plan_waiting
from alerts.delivery.retry import next_try
from alerts.delivery.targets import Channel, Target, targets_of
from alerts.migrations import upgrade
from alerts.notify.message import Links, Message
from alerts.notify.transport import NotSentError, Transport
from warehouse.lake.connection import connect_warehouse
from warehouse.settings import Settings

Clock = Callable[[], datetime]
Transports = Mapping[Channel, Transport]

_AT_ONCE = 8
_LONGEST_PASS_SECONDS = 240.0
_LEASE_BEYOND_TIMEOUT = timedelta(seconds=60)
_GONE = "this target is no longer there, or is switched off"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attempt:
    """One try: of which message, to whom, and why it was not sent (None: it was)."""

    claimed: Claimed
    target: Target
    error: NotSentError | None


@dataclass(frozen=True)
class DeliveryReport:
    """What a pass did. `troubles` are the last errors by target label; `failed` messages are not tried again."""

    notices: Mapping[str, int] = field(default_factory=dict)
    sent: int = 0
    later: int = 0
    failed: int = 0
    troubles: Mapping[str, str] = field(default_factory=dict)


def deliver_due(settings: Settings, clock: Clock, transports: Transports) -> DeliveryReport:
    """Decides who is told of what waits, and sends what is due, until nothing is.

    Raises WarehouseUnavailableError when the alert store can't be reached.
    """
    upgrade(settings)
    with connect_warehouse(settings, autocommit=True) as connection:
        targets = targets_of(connection, settings)
        group = timedelta(seconds=settings.alerts_group_seconds)
        notices = _plan_all(connection, targets, clock, group)
        gone = fail_gone(connection, [target.key for target in targets], _GONE, clock())
        attempts = _Pass(connection, settings, clock, transports, targets).run()
    return _report(notices, attempts, gone)


def _plan_all(
    connection: psycopg.Connection, targets: Sequence[Target], clock: Clock, group: timedelta
) -> Counter[str]:
    notices: Counter[str] = Counter()
    while True:
        outcomes = plan_waiting(connection, targets, clock(), group)
        notices.update(outcomes.values())
        if len(outcomes) < MOST:
            return notices


class _Pass:
    """Sends what is due. One thread keeps the rows; each attempt has a thread that is left behind if it hangs."""

    def __init__(
        self, connection: psycopg.Connection, settings: Settings, clock: Clock, transports: Transports,
        targets: Sequence[Target],
    ) -> None:  # fmt: skip
        self._connection = connection
        self._clock = clock
        self._transports = transports
        self._targets = {target.key: target for target in targets}
        self._names = organization_names(connection)
        self._links = Links(settings.dashboard_url, settings.runbook_url)
        self._timeout = float(settings.alerts_send_timeout_seconds)
        self._give_up_after = timedelta(hours=settings.alerts_give_up_hours)
        self._waiting = [target for target in due_targets(connection, clock()) if target in self._targets]
        self._under_way: dict[str, tuple[Attempt, float]] = {}
        self._ended: queue.SimpleQueue[Attempt] = queue.SimpleQueue()

    def run(self) -> list[Attempt]:
        """Every attempt of the pass.

        A target gets one message at a time, and none more in this pass after one that could not be sent: a target that
        is down costs one attempt, and those that are up don't wait for it.
        """
        attempts: list[Attempt] = []
        end = time.monotonic() + _LONGEST_PASS_SECONDS
        while True:
            while len(self._under_way) < _AT_ONCE and time.monotonic() < end and self._start_next():
                pass
            if not self._under_way:
                return attempts
            attempts += [self._record(attempt) for attempt in self._wait()]

    def _start_next(self) -> bool:
        claimed = self._claim_next()
        if claimed is None:
            return False
        target = self._targets[claimed.target]
        message = message_of(self._connection, claimed, self._names, self._links)
        self._under_way[claimed.target] = Attempt(claimed, target, _LATE), time.monotonic() + self._timeout
        threading.Thread(target=self._send, args=(claimed, target, message), daemon=True).start()
        return True

    def _claim_next(self) -> Claimed | None:
        lease = timedelta(seconds=self._timeout) + _LEASE_BEYOND_TIMEOUT
        while free := [target for target in self._waiting if target not in self._under_way][:_AT_ONCE]:
            claimed = claim(self._connection, self._clock(), lease=lease, targets=free)
            if claimed:
                return claimed
            self._waiting = [target for target in self._waiting if target not in free]
        return None

    def _send(self, claimed: Claimed, target: Target, message: Message) -> None:
        error = send(self._transports, target, message, self._clock())
        self._ended.put(Attempt(claimed, target, error))

    def _wait(self) -> list[Attempt]:
        """The attempts that ended: by themselves, or because their time is over."""
        nearest = min(end for _, end in self._under_way.values())
        try:
            ended = [self._ended.get(timeout=max(0.0, nearest - time.monotonic()))]
        except queue.Empty:
            ended = [attempt for attempt, end in self._under_way.values() if end <= time.monotonic()]
        return [attempt for attempt in ended if self._forget(attempt)]

    def _forget(self, attempt: Attempt) -> bool:
        """False for an attempt that was given up before it ended."""
        place = attempt.claimed.target
        is_awaited = place in self._under_way and self._under_way[place][0].claimed.lease == attempt.claimed.lease
        if is_awaited:
            del self._under_way[place]
        elif attempt.error is None:
            mark_sent(self._connection, attempt.claimed.id, self._clock())
        return is_awaited

    def _record(self, attempt: Attempt) -> Attempt:
        claimed, error, now = attempt.claimed, attempt.error, self._clock()
        if error is None:
            mark_sent(self._connection, claimed.id, now)
            return attempt
        due_at = None
        if not error.is_permanent:
            self._waiting = [target for target in self._waiting if target != claimed.target]
            due_at = next_try(
                claimed.attempts, claimed.queued_at, now, give_up_after=self._give_up_after,
                retry_after=error.retry_after, chance=random.random(),  # noqa: S311 - spreads retries, guards nothing
            )  # fmt: skip
        mark_unsent(self._connection, claimed, str(error), now=now, due_at=due_at)
        logger.warning("Message %s to %s was not sent: %s.", claimed.key, claimed.target, error)
        return attempt if due_at else Attempt(claimed, attempt.target, NotSentError(str(error), is_permanent=True))


_LATE = NotSentError("no answer in time", is_permanent=False)


def send(transports: Transports, target: Target, message: Message, now: datetime) -> NotSentError | None:
    """One try; the error, or None when the message was accepted."""
    try:
        transports[target.channel].send(target.address, message, now)
    except NotSentError as error:
        return error
    except Exception as error:  # a bug in a transport must not keep other messages from being sent
        logger.debug("Where a transport broke:", exc_info=error)
        return NotSentError(f"the transport broke ({type(error).__name__})", is_permanent=False)
    return None


def _report(notices: Mapping[str, int], attempts: Sequence[Attempt], gone: Sequence[str]) -> DeliveryReport:
    unsent = [(attempt.target.label, attempt.error) for attempt in attempts if attempt.error]
    return DeliveryReport(
        notices=dict(notices),
        sent=len(attempts) - len(unsent),
        later=sum(not error.is_permanent for _, error in unsent),
        failed=sum(error.is_permanent for _, error in unsent) + len(gone),
        troubles={label: str(error) for label, error in unsent} | dict.fromkeys(gone, _GONE),
    )
