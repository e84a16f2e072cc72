"""Thresholds of an organization's own: kept in the alert store, checked before they are.

Belongs here: reading, replacing and forgetting them. Does not: which of several wins (thresholds.py).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, select
from sqlalchemy.dialects.postgresql import insert

from alerts.database import transaction
from alerts.limits import Default
from alerts.model import ThresholdOverride
from alerts.store import bump
from alerts.thresholds import Applied, Key, Thresholds
from alerts.vocabulary import Rule


def read_thresholds(engine: Engine, defaults: Mapping[Rule, Default], organization_id: int | None = None) -> Thresholds:
    """The thresholds of an organization, or of all of them."""
    query = select(ThresholdOverride)
    if organization_id is not None:
        query = query.where(ThresholdOverride.organization_id == organization_id)
    with transaction(engine) as session:
        rows = session.scalars(query).all()
    # A rule that a later version took away is not this version's concern.
    known = [row for row in rows if row.rule in set(Rule)]
    return Thresholds(defaults, {(row.organization_id, Rule(row.rule), row.channel): row.values for row in known})


def put_threshold(
    engine: Engine, defaults: Mapping[Rule, Default], key: Key, values: Mapping[str, Any],
    *, actor_id: int | None, at: datetime,
) -> Applied:  # fmt: skip
    """Replaces an organization's own limits of a rule (and channel). Gives what holds now.

    Raises BadRequestError, and keeps what was, when they can't work together with the limits under them.
    """
    organization_id, rule, channel = key
    before = read_thresholds(engine, defaults, organization_id)
    applied = before.replaced(key, values).of(rule, organization_id, channel)
    row = {"values": dict(values), "updated_at": at, "updated_by": actor_id}
    with transaction(engine) as session:
        bump(session, [organization_id])
        session.execute(
            insert(ThresholdOverride)
            .values(organization_id=organization_id, rule=rule, channel=channel, **row)
            .on_conflict_do_update(index_elements=["organization_id", "rule", "channel"], set_=row)
        )
    return applied


def forget_threshold(engine: Engine, key: Key) -> bool:
    """Takes an organization's own limits away; False when it had none."""
    organization_id, rule, channel = key
    with transaction(engine) as session:
        bump(session, [organization_id])
        result = session.execute(
            delete(ThresholdOverride).where(
                ThresholdOverride.organization_id == organization_id,
                ThresholdOverride.rule == rule,
                ThresholdOverride.channel == channel,
            )
        )
        return bool(result.rowcount)  # type: ignore[attr-defined]
