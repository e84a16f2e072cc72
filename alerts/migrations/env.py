"""Run by Alembic: migrates over the connection that `upgrade` gives it, in that connection's transaction.

Belongs here: nothing else. Does not: settings, connections.
"""

from alembic import context

from alerts.delivery import model  # noqa: F401 - its tables belong to the metadata
from alerts.model import SCHEMA, Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, version_table_schema=SCHEMA
)
context.run_migrations()
