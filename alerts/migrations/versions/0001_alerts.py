"""Alerts, their history, breaches on hold, mutes, threshold overrides and versions.

Belongs here: the tables as this revision makes them. Does not: the types (alerts/model.py), which may go on.
"""

from alembic import op

from warehouse.lake.sql import statements

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes the tables."""
    for statement in statements("alerts.migrations.versions", "0001_alerts"):
        op.execute(statement)
