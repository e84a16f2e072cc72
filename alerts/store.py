"""Changes of alerts, each in one transaction with its event, its notice and the organization's new version.

Belongs here: writing. Whoever changes an organization's alerts bumps its version first, so that two who act at once
come one after the other; each change is an UPDATE that finds the row as it was seen, or nothing.
Does not: what may follow what (lifecycle.py), when a rule makes a step (evaluate.py), reading for people (feed.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, Update, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from alerts.database import transaction
from alerts.lifecycle import Action, ConflictError, Life, after, notice_of
from alerts.model import Alert, Event, Version
from alerts.outbox import Notice, NoticeKind, enqueue
from alerts.vocabulary import Reason, Severity, Status
from warehouse.errors import CorbiError


class UnknownAlertError(CorbiError):
    """The organization has no alert of this id."""


@dataclass(frozen=True)
class By:
    """Who changes an alert, when and why; `actor_id` is None for the monitoring itself."""

    reason: Reason
    at: datetime
    actor_id: int | None = None
    request_id: str | None = None
    note: str = ""


_REASONS = {
    Action.ACK: Reason.PERSON_ACKED,
    Action.RESOLVE: Reason.PERSON_RESOLVED,
    Action.REOPEN: Reason.PERSON_REOPENED,
}


def act(
    engine: Engine, organization_id: int, alert_id: int, action: Action, *, actor_id: int | None, at: datetime,
    request_id: str | None = None, note: str = "",
) -> Alert:  # fmt: skip
    """A person's step. Gives the alert as it is afterwards.

    Raises UnknownAlertError, and ConflictError when it does not follow: of two who act at once, one gets it.
    """
    with transaction(engine) as session:
        bump(session, [organization_id])
        alert = session.get(Alert, alert_id)
        if alert is None or alert.organization_id != organization_id:
            raise UnknownAlertError(f"There is no alert {alert_id}.")
        by = By(_REASONS[action], at, actor_id, request_id, note)
        try:
            is_done = step(session, alert, action, by)
        except IntegrityError:
            # The index of fingerprints: the same incident came back meanwhile and has an alert of its own.
            raise ConflictError(action, Status(alert.status), "a newer alert of the same is not resolved") from None
        if not is_done:
            session.refresh(alert)
            raise ConflictError(action, Status(alert.status))
        session.refresh(alert)
        return alert


def bump(session: Session, organizations: Iterable[int]) -> None:
    """New versions of organizations' alerts; holds their rows until the transaction ends, in one order for all."""
    rows = [{"organization_id": organization_id, "version": 1} for organization_id in sorted(set(organizations))]
    if rows:
        session.execute(
            insert(Version)
            .values(rows)
            .on_conflict_do_update(index_elements=["organization_id"], set_={"version": Version.version + 1})
        )


def life_of(alert: Alert) -> Life:
    """What the state machine knows of a row."""
    return Life(
        status=Status(alert.status),
        severity=Severity(alert.severity),
        alarm_at=alert.alarm_at,
        acked_at=alert.acked_at,
        resolved_at=alert.resolved_at,
        escalated_at=alert.escalated_at,
    )


def step(
    session: Session, alert: Alert, action: Action, by: By, *, severity: Severity | None = None,
    is_muted: bool = False, **values: object,
) -> bool:  # fmt: skip
    """One step of an alert that was read before; False when it is no longer as it was read.

    `values` are columns that change with it. Raises ConflictError when the step does not follow.
    """
    before = life_of(alert)
    life = after(before, action, by.at, severity)
    found = _update(
        session,
        update(Alert)
        .where(
            Alert.id == alert.id,
            Alert.status == before.status,
            Alert.severity == before.severity,
            Alert.escalated_at.is_not_distinct_from(before.escalated_at),
        )
        .values(**_columns(life, action, by), updated_at=by.at, **values),
    )
    if found != 1:
        return False
    event_id = record(session, alert, by, before, life)
    kind = notice_of(action, before)
    if kind is not None:
        _tell(session, alert, Notice(kind, alert.id, event_id, alert.organization_id, by.at), is_muted=is_muted)
    return True


def record(session: Session, alert: Alert, by: By, before: Life | None, life: Life) -> int:
    """Writes the event of a change; gives its id."""
    event = Event(
        alert_id=alert.id, at=by.at, actor_id=by.actor_id, reason=by.reason, request_id=by.request_id, note=by.note,
        from_status=before and before.status, to_status=life.status, value=alert.value,
        from_severity=before and before.severity, to_severity=life.severity,
    )  # fmt: skip
    session.add(event)
    session.flush()
    return event.id


def tell_late(session: Session, alert: Alert, at: datetime) -> bool:
    """Tells of an alert that opened under a mute which has ended; False when somebody else did."""
    found = _update(
        session,
        update(Alert)
        .where(Alert.id == alert.id, Alert.status == Status.OPEN, Alert.is_told.is_(False))
        .values(is_told=True, updated_at=at),
    )
    if found != 1:
        return False
    life = life_of(alert)
    event_id = record(session, alert, By(Reason.MUTE_ENDED, at), life, life)
    enqueue(session, Notice(NoticeKind.OPENED, alert.id, event_id, alert.organization_id, at))
    return True


def read_version(engine: Engine, organization_id: int) -> int:
    """The version of an organization's alerts, 0 before the first."""
    with transaction(engine) as session:
        found = session.scalar(select(Version.version).where(Version.organization_id == organization_id))
        return found or 0


def _columns(life: Life, action: Action, by: By) -> dict[str, object]:
    columns: dict[str, object] = {
        "status": life.status, "severity": life.severity, "alarm_at": life.alarm_at, "acked_at": life.acked_at,
        "resolved_at": life.resolved_at, "escalated_at": life.escalated_at,
    }  # fmt: skip
    match action:
        case Action.ACK:
            columns["acked_by"] = by.actor_id
        case Action.RESOLVE:
            columns["resolved_by"] = by.actor_id
        case Action.REOPEN | Action.WORSEN:
            columns.update(acked_by=None, resolved_by=None)
    if by.request_id is not None:
        columns["request_id"] = by.request_id
    return columns


def _tell(session: Session, alert: Alert, notice: Notice, *, is_muted: bool) -> None:
    """Hands the notice over, unless a mute forbids it; whoever was not told that it opened is not told of its end."""
    if notice.kind is NoticeKind.RESOLVED and not alert.is_told:
        return
    if notice.kind in {NoticeKind.REOPENED, NoticeKind.SEVERITY_RAISED}:
        _update(session, update(Alert).where(Alert.id == alert.id).values(is_told=not is_muted))
    if not is_muted:
        enqueue(session, notice)


def _update(session: Session, statement: Update) -> int:
    """Runs an UPDATE; gives how many rows it found as they were seen."""
    result = session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)  # type: ignore[attr-defined]
