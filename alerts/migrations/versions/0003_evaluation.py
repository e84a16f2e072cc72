"""When all organizations were judged last.

Belongs here: the table as this revision makes it. Does not: what is made of it (alerts/health.py).
"""

from alembic import op

from warehouse.lake.sql import statements

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Makes the table."""
    for statement in statements("alerts.migrations.versions", "0003_evaluation"):
        op.execute(statement)
