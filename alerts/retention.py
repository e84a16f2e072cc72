"""Forgets alerts that are over for so long that nobody asks for them.

Belongs here: that. Does not: how long the lake's rows are kept (warehouse/retention.py).
"""

from datetime import datetime

from sqlalchemy import delete, distinct, select

from alerts.database import store, transaction
from alerts.model import Alert, Mute
from alerts.store import bump
from alerts.vocabulary import Status
from warehouse.settings import Settings


def forget_resolved(settings: Settings, before: datetime) -> int:
    """Removes alerts resolved before a moment, with their history, and mutes that ended before it; how many alerts."""
    over = (Alert.status == Status.RESOLVED, Alert.resolved_at < before)
    with store(settings) as engine, transaction(engine) as session:
        bump(session, session.scalars(select(distinct(Alert.organization_id)).where(*over)))
        session.execute(delete(Mute).where(Mute.until < before))
        result = session.execute(delete(Alert).where(*over).execution_options(synchronize_session=False))
        return int(result.rowcount)  # type: ignore[attr-defined]
