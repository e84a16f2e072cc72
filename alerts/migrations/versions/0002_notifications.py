"""Notices, the messages they became, and the targets that organizations have of their own.

Belongs here: the tables as this revision makes them. Does not: what is done with them (alerts/delivery/).
"""

from alembic import op

from warehouse.lake.sql import statements

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Makes the tables."""
    for statement in statements("alerts.migrations.versions", "0002_notifications"):
        op.execute(statement)
