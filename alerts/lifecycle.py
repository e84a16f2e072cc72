"""An alert's life as a pure state machine: open → acked → resolved, and back to open.

Belongs here: what may follow what, and what each step changes and tells. Does not: rows (store.py), when a rule makes a
step (evaluate.py).

    (none) ── open ──▶ open ── ack ──▶ acked ── resolve ──▶ resolved
                        ▲ │              │                    │ ▲
                        │ └── resolve ───┼────────────────────┼─┘
                        └──── reopen ────┴──────── reopen ────┘
    open: escalate marks it, once;  open or acked: worsen raises the severity, and what was acked is open again.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from alerts.outbox import NoticeKind
from alerts.vocabulary import Severity, Status


class Action(StrEnum):
    """A step of a life."""

    ACK = "ack"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    ESCALATE = "escalate"
    WORSEN = "worsen"


@dataclass(frozen=True)
class Life:
    """What the state machine knows of an alert. `alarm_at` is when it last became what it is."""

    status: Status
    severity: Severity
    alarm_at: datetime
    acked_at: datetime | None = None
    resolved_at: datetime | None = None
    escalated_at: datetime | None = None


class ConflictError(Exception):
    """A step that does not follow from where the alert is now; `current` is where it is."""

    def __init__(self, action: Action, current: Status, why: str | None = None) -> None:
        why = why or _OBSTACLES.get((action, current), "somebody was faster")
        super().__init__(f"This alert is {current}: {why}.")
        self.action = action
        self.current = current


_FROM = {
    Action.ACK: {Status.OPEN},
    Action.RESOLVE: {Status.OPEN, Status.ACKED},
    Action.REOPEN: {Status.ACKED, Status.RESOLVED},
    Action.ESCALATE: {Status.OPEN},
    Action.WORSEN: {Status.OPEN, Status.ACKED},
}
_OBSTACLES = {
    (Action.ACK, Status.ACKED): "it was acked already",
    (Action.ACK, Status.RESOLVED): "what is resolved can't be acked; reopen it first",
    (Action.RESOLVE, Status.RESOLVED): "it was resolved already",
    (Action.REOPEN, Status.OPEN): "it is open already",
    (Action.ESCALATE, Status.OPEN): "only a critical alert escalates, and once",
    (Action.WORSEN, Status.OPEN): "its severity is as high already",
    (Action.WORSEN, Status.ACKED): "its severity is as high already",
}
_TOLD = {
    Action.ACK: None,
    Action.RESOLVE: NoticeKind.RESOLVED,
    Action.REOPEN: NoticeKind.REOPENED,
    Action.ESCALATE: NoticeKind.ESCALATED,
    Action.WORSEN: NoticeKind.SEVERITY_RAISED,
}


def opened(severity: Severity, at: datetime) -> Life:
    """The life of an alert that opens."""
    return Life(Status.OPEN, severity, alarm_at=at)


def after(life: Life, action: Action, at: datetime, severity: Severity | None = None) -> Life:
    """The life after a step; `severity` is what a WORSEN or REOPEN raises (or sets) it to.

    Raises ConflictError when the step does not follow from where the alert is.
    """
    if life.status not in _FROM[action]:
        raise ConflictError(action, life.status)
    match action:
        case Action.ACK:
            return replace(life, status=Status.ACKED, acked_at=at)
        case Action.RESOLVE:
            return replace(life, status=Status.RESOLVED, resolved_at=at)
        case Action.REOPEN:
            return Life(Status.OPEN, severity or life.severity, alarm_at=at)
        case Action.ESCALATE:
            if life.severity is not Severity.CRITICAL or life.escalated_at is not None:
                raise ConflictError(action, life.status)
            return replace(life, escalated_at=at)
        case Action.WORSEN:
            if severity is None or severity.rank <= life.severity.rank:
                raise ConflictError(action, life.status)
            return Life(Status.OPEN, severity, alarm_at=at)


def notice_of(action: Action, before: Life) -> NoticeKind | None:
    """What people are told of a step: nothing where it is no news (somebody took it, or gave it back)."""
    if action is Action.REOPEN and before.status is Status.ACKED:
        return None
    return _TOLD[action]
