"""Rolling up what can be when all at once can't: what fails stays pending, named, and the rest is done.

Belongs here: dividing what is pending. Does not: rolling it up (roll_up.py), and when this is needed (refresh.py).
"""

from collections.abc import Callable
from dataclasses import dataclass

import duckdb

from warehouse.errors import LakeDamagedError, TooLittleMemoryError
from warehouse.lake.hours import hour_start
from warehouse.lake.state import Pending
from warehouse.lake.trouble import reason

MOST_FAILURES = 64
"""Tries that may fail in one pass: where more does, it is no single hour that is wrong, and the rest waits too."""

_KINDS = ("channel_hours", "organization_hours", "contact_hours", "campaigns", "email_jobs")


@dataclass(frozen=True)
class Failed:
    """What could not be rolled up, and why: the first part's cause stands for all."""

    left: Pending
    cause: str

    def __str__(self) -> str:
        return f"{named(self.left)} can't be rolled up: {self.cause}"


def roll_up_in_parts(pending: Pending, do: Callable[[Pending], None]) -> Failed | None:
    """Calls `do` with ever smaller parts of what is pending, each of which may fail; returns what is left over."""
    waiting, left = [pending], Pending()
    causes: list[str] = []
    while waiting:
        part = waiting.pop()
        try:
            if len(causes) < MOST_FAILURES:
                do(part)
                continue
        except (duckdb.Error, LakeDamagedError, TooLittleMemoryError) as error:
            causes.append(reason(error))
        halves = _halves(part) if len(causes) < MOST_FAILURES else ()
        waiting.extend(halves)
        if not halves:
            left = left.merged(part)
    return Failed(left, causes[-1]) if causes and not left.is_empty() else None


def named(pending: Pending) -> str:
    """What is pending, in words: the first of each kind by name."""
    hours = sorted(pending.channel_hours | pending.organization_hours | pending.contact_hours)
    parts = []
    if hours:
        more = f" and {len(hours) - 1:,} more hours" if len(hours) > 1 else ""
        parts.append(f"the hour {hour_start(hours[0]):%Y-%m-%d %H:00} UTC{more}")
    for words, ids in (("campaign", sorted(pending.campaigns)), ("e-mail job", sorted(pending.email_jobs))):
        if ids:
            parts.append(f"{words} {ids[0]}{f' and {len(ids) - 1:,} more' if len(ids) > 1 else ''}")
    return ", ".join(parts) or "the totals"


def _halves(part: Pending) -> tuple[Pending, ...]:
    """Two parts that make up a part; none where it is one thing only."""
    everything = [(kind, one) for kind in _KINDS for one in sorted(getattr(part, kind))]
    if part.totals:
        everything.append(("totals", 0))
    if len(everything) < 2:
        return ()
    middle = len(everything) // 2
    return tuple(_pending(half) for half in (everything[middle:], everything[:middle]))


def _pending(things: list[tuple[str, int]]) -> Pending:
    values: dict[str, set[int]] = {kind: {one for name, one in things if name == kind} for kind in _KINDS}
    return Pending(**values, totals=any(name == "totals" for name, _ in things))
