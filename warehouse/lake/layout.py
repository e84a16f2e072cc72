"""The lake's layout: its schemas, rollup tables and the warehouse's own record of itself.

Belongs here: creating them, once, within the caller's lake transaction. Does not: rows, and the raw
tables, which follow what is read (source/raw_tables.py).
"""

from warehouse.lake.connection import Connection
from warehouse.lake.sql import statements

SET_ASIDE = "create table lake.meta.set_aside (raw varchar, id bigint, reason varchar)"
"""Grain: a source row that can't be used, by its raw table; why."""

EARLIER_EMAILS = "create table lake.raw.earlier_email_recipient as from lake.raw.email_recipient limit 0"
"""Grain: e-mail recipient older than the raw window, of a campaign with raw recipients (source/earlier_emails.py)."""

COUNTED = "create table if not exists lake.meta.counted (raw varchar, day date, first_id bigint, last_id bigint)"
"""Grain: source table x UTC day that has left the raw table x unbroken run of ids of the rows that rollups count."""

_META = (
    SET_ASIDE,
    COUNTED,
    "create table lake.meta.state (value varchar)",
    # grain: source table x UTC day that has left the raw table; how many rows the source had when last counted
    "create table lake.meta.old_day (raw varchar, day date, source_rows bigint)",
)


def create_layout(lake: Connection) -> None:
    """Creates the schemas of an empty lake, and every table but the raw ones."""
    for schema in ("raw", "rollup", "meta"):
        lake.execute(f"create schema lake.{schema}")
    for sql in _META:
        lake.execute(sql)
    for sql in statements("warehouse.rollups", "tables"):
        lake.execute(sql)
