"""Does what an evaluation planned: some organizations a transaction, each change with its event and its notice.

Belongs here: steps as rows. Does not: deciding them (plan.py), the state machine (lifecycle.py).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Engine, bindparam, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from alerts.database import transaction
from alerts.finding import Finding
from alerts.lifecycle import Action, ConflictError, opened
from alerts.model import Alert, Pending
from alerts.outbox import Notice, NoticeKind, enqueue
from alerts.plan import Do, Moment, Step
from alerts.standing import Mutes
from alerts.store import By, bump, record, step, tell_late
from alerts.vocabulary import Reason, Severity

ORGANIZATIONS_AT_ONCE = 100
"""Organizations a transaction: few enough that a person who acts meanwhile does not wait long, and that all their
fingerprints fit into one statement's parameters."""

_QUIET = {Do.HOLD, Do.DROP, Do.SUSTAIN, Do.START_CLEARING, Do.CALM}


def apply(engine: Engine, steps: Iterable[Step], mutes: Mutes, at: Moment) -> Counter[Do]:
    """Applies steps; counts those that still fitted: what a person forestalled is left to the next evaluation."""
    done: Counter[Do] = Counter()
    for part in _parts(sorted(steps, key=lambda each: each.fingerprint)):
        with transaction(engine) as session:
            done += _apply_part(session, part, mutes, at)
    return done


def _apply_part(session: Session, steps: Sequence[Step], mutes: Mutes, at: Moment) -> Counter[Do]:
    bump(session, {each.fingerprint.organization_id for each in steps if each.do not in {Do.HOLD, Do.DROP}})
    by_kind: dict[Do, list[Step]] = {}
    for each in steps:
        by_kind.setdefault(each.do, []).append(each)
    _hold(session, by_kind.get(Do.HOLD, []), at)
    _drop(session, [each for do in (Do.DROP, Do.OPEN, Do.REOPEN) for each in by_kind.get(do, [])])
    _sustain(session, by_kind.get(Do.SUSTAIN, []), at)
    _set(session, by_kind.get(Do.START_CLEARING, []), clearing_since=at.as_of, is_firing=False)
    _set(session, by_kind.get(Do.CALM, []), is_firing=False)
    done = Counter({do: len(each) for do, each in by_kind.items() if do in _QUIET})
    loud = [each for do, part in by_kind.items() if do not in _QUIET for each in part]
    alerts = _loaded(session, [each.alert_id for each in loud if each.alert_id is not None])
    for each in loud:
        done[each.do] += _change(session, each, alerts, at, is_muted=_is_quiet(each, mutes))
    return done


def _is_quiet(each: Step, mutes: Mutes) -> bool:
    """Whether nobody is told: what is for information stands in the list and wakes no one."""
    is_information = each.finding is not None and each.finding.severity is Severity.INFO
    return is_information or mutes.cover(each.fingerprint)


def _change(session: Session, each: Step, alerts: dict[int, Alert], at: Moment, *, is_muted: bool) -> bool:
    if each.do is Do.OPEN:
        return each.finding is not None and _open(session, each.finding, at, is_muted=is_muted)
    alert = alerts.get(each.alert_id or 0)
    if alert is None:
        return False
    try:
        return _CHANGES[each.do](session, alert, each, at, is_muted)
    except ConflictError:
        return False


def _open(session: Session, finding: Finding, at: Moment, *, is_muted: bool) -> bool:
    severity = finding.severity or Severity.INFO
    fingerprint = finding.fingerprint
    alert_id = session.scalar(
        insert(Alert)
        .values(
            **fingerprint._asdict(), status="open", severity=severity, **_shown(finding, at), peak=finding.value,
            count=finding.count, first_seen=finding.first_seen or at.as_of, created_at=at.now, updated_at=at.now,
            alarm_at=at.now, is_told=not is_muted,
        )
        .on_conflict_do_nothing()
        .returning(Alert.id)
    )  # fmt: skip
    if alert_id is None:
        return False
    alert = session.get_one(Alert, alert_id)
    event_id = record(session, alert, By(Reason.BREACHED, at.now), None, opened(severity, at.now))
    if not is_muted:
        enqueue(session, Notice(NoticeKind.OPENED, alert_id, event_id, fingerprint.organization_id, at.now))
    return True


def _reopen(session: Session, alert: Alert, each: Step, at: Moment, is_muted: bool) -> bool:
    finding = _finding(each)
    values = {**_shown(finding, at), "peak": finding.value, "count": finding.count}
    by = By(Reason.RETURNED, at.now)
    return step(session, alert, Action.REOPEN, by, severity=finding.severity, is_muted=is_muted, **values)


def _worsen(session: Session, alert: Alert, each: Step, at: Moment, is_muted: bool) -> bool:
    finding = _finding(each)
    values = {**_shown(finding, at), "peak": max(alert.peak, finding.value), "count": max(alert.count, finding.count)}
    by = By(Reason.WORSENED, at.now)
    return step(session, alert, Action.WORSEN, by, severity=finding.severity, is_muted=is_muted, **values)


def _resolve(session: Session, alert: Alert, each: Step, at: Moment, is_muted: bool) -> bool:
    return step(session, alert, Action.RESOLVE, By(Reason.CLEARED, at.now), is_muted=is_muted, is_firing=False)


def _escalate(session: Session, alert: Alert, each: Step, at: Moment, is_muted: bool) -> bool:
    return step(session, alert, Action.ESCALATE, By(Reason.UNATTENDED, at.now), is_muted=is_muted)


def _tell(session: Session, alert: Alert, each: Step, at: Moment, is_muted: bool) -> bool:
    return tell_late(session, alert, at.now)


_CHANGES: dict[Do, Callable[[Session, Alert, Step, Moment, bool], bool]] = {
    Do.REOPEN: _reopen,
    Do.WORSEN: _worsen,
    Do.RESOLVE: _resolve,
    Do.ESCALATE: _escalate,
    Do.TELL: _tell,
}


def _shown(finding: Finding, at: Moment) -> dict[str, object]:
    """The columns that follow the newest finding."""
    return {
        "title": finding.title, "description": finding.description, "value": finding.value,
        "threshold": finding.threshold, "applied": finding.applied.document(), "details": dict(finding.details),
        "last_seen": at.as_of, "is_firing": True, "clearing_since": None,
    }  # fmt: skip


def _sustain(session: Session, steps: Sequence[Step], at: Moment) -> None:
    """One statement for all of them. What is under its limit, but not clear, keeps the words of the breach."""
    rows = [(each, _finding(each)) for each in steps]
    breaches = [
        {"key": each.alert_id, "new_count": finding.count, "new_value": finding.value, **_shown(finding, at)}
        for each, finding in rows
        if finding.severity is not None
    ]
    if breaches:
        session.connection().execute(
            update(Alert.__table__)  # type: ignore[arg-type]
            .where(Alert.id == bindparam("key"), Alert.status != "resolved")
            .values(
                {name: bindparam(name) for name in breaches[0] if name not in {"key", "new_count", "new_value"}}
                | {
                    "peak": func.greatest(Alert.peak, bindparam("new_value")),
                    "count": func.greatest(Alert.count, bindparam("new_count")),
                    "updated_at": at.now,
                }
            ),
            breaches,
        )
    between = [each for each, finding in rows if finding.severity is None]
    _set(session, between, clearing_since=None, updated_at=at.now)


def _set(session: Session, steps: Sequence[Step], **values: object) -> None:
    if steps:
        session.execute(
            update(Alert)
            .where(Alert.id.in_([each.alert_id for each in steps]))
            .values(**values)
            .execution_options(synchronize_session=False)
        )


def _hold(session: Session, steps: Sequence[Step], at: Moment) -> None:
    if steps:
        rows = [{**each.fingerprint._asdict(), "since": at.as_of} for each in steps]
        session.execute(insert(Pending).values(rows).on_conflict_do_nothing())


def _drop(session: Session, steps: Sequence[Step]) -> None:
    if steps:
        key = tuple_(Pending.organization_id, Pending.rule, Pending.channel, Pending.subject)
        session.execute(
            delete(Pending)
            .where(key.in_([tuple(each.fingerprint) for each in steps]))
            .execution_options(synchronize_session=False)
        )


def _loaded(session: Session, ids: Sequence[int]) -> dict[int, Alert]:
    return {alert.id: alert for alert in session.scalars(select(Alert).where(Alert.id.in_(ids)))} if ids else {}


def _finding(each: Step) -> Finding:
    if each.finding is None:
        raise ValueError(f"a step that needs a finding has none: {each}")
    return each.finding


def _parts(steps: Sequence[Step]) -> Iterator[list[Step]]:
    by_organization = [list(part) for _, part in groupby(steps, key=lambda each: each.fingerprint.organization_id)]
    for chunk in _chunks(by_organization, ORGANIZATIONS_AT_ONCE):
        yield [each for part in chunk for each in part]


def _chunks(things: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(things), size):
        yield things[start : start + size]
