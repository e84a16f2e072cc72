"""Mutes: a person's wish that nobody be told of some alerts until a time.

Belongs here: keeping them. Does not: what they keep quiet (standing.py, apply.py).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, select

from alerts.database import transaction
from alerts.model import Mute
from warehouse.errors import BadRequestError

LONGEST = timedelta(days=90)


def read_mutes_of(engine: Engine, organization_id: int, now: datetime) -> Sequence[Mute]:
    """An organization's mutes that have not ended, the next to end first."""
    with transaction(engine) as session:
        query = select(Mute).where(Mute.organization_id == organization_id, Mute.until > now)
        return session.scalars(query.order_by(Mute.until, Mute.id)).all()


def add_mute(
    engine: Engine, organization_id: int, *, rule: str, channel: str, until: datetime, actor_id: int | None,
    now: datetime, note: str = "",
) -> Mute:  # fmt: skip
    """Mutes an organization's alerts of a rule and channel ('' for every one).

    Raises BadRequestError for a time that is past, or so far away that it would be forgotten.
    """
    if not now < until <= now + LONGEST:
        raise BadRequestError(f"`until` must lie in the next {LONGEST.days} days; given: {until.isoformat()}.")
    mute = Mute(
        organization_id=organization_id, rule=rule, channel=channel, until=until, created_by=actor_id, created_at=now,
        note=note,
    )  # fmt: skip
    with transaction(engine) as session:
        session.add(mute)
    return mute


def end_mute(engine: Engine, organization_id: int, mute_id: int) -> bool:
    """Takes a mute away; False when the organization has none of this id."""
    with transaction(engine) as session:
        result = session.execute(delete(Mute).where(Mute.id == mute_id, Mute.organization_id == organization_id))
        return bool(result.rowcount)  # type: ignore[attr-defined]
