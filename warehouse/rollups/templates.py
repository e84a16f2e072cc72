"""The masked error texts that the warehouse holds, with their counts.

Belongs here: reading them for whoever looks at the rules. Does not: giving them their reason (reasons.py), figures of
one organization (warehouse/queries/).
"""

from typing import NamedTuple

from warehouse.lake.connection import Connection
from warehouse.lake.sql import statement


class CountedTemplate(NamedTuple):
    """A masked error text of a channel, and how many messages failed with it."""

    channel: str
    template: str
    failed: int


def counted_templates(lake: Connection) -> list[CountedTemplate]:
    """Every error text of all organizations, the most frequent first."""
    rows = lake.execute(statement("warehouse.rollups", "counted_templates")).fetchall()
    return [CountedTemplate(channel, template, failed) for channel, template, failed in rows]
