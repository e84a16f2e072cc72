"""Brings a lake of an older layout to the present one, step by step, in place.

Belongs here: one step a layout, each in plain SQL, run once under the writers' lock within the caller's transaction.
Does not: the present layout (layout.py). What only the warehouse still has must survive an upgrade.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from warehouse.lake.connection import Connection
from warehouse.lake.layout import COUNTED, EARLIER_EMAILS, SET_ASIDE
from warehouse.lake.state import NEVER_READ, SCHEMA_VERSION, Pending, stored_state

_OLDEST = 2
"""What is older has to be loaded anew."""


def bring_up_to_date(lake: Connection) -> None:
    """Runs the steps that a lake has not seen yet; does nothing to one of the present layout, or to an empty one."""
    stored = stored_state(lake)
    if stored is None or not _OLDEST <= stored["schema_version"] < SCHEMA_VERSION:
        return
    for version in range(stored["schema_version"], SCHEMA_VERSION):
        _STEPS[version](lake, stored)
    stored["schema_version"] = SCHEMA_VERSION
    lake.execute("delete from lake.meta.state")
    lake.execute("insert into lake.meta.state values (?)", [json.dumps(stored)])


def _set_rows_aside(lake: Connection, state: dict[str, object]) -> None:
    """Layout 3 sets rows aside whose time can't be used: those that were loaded are to be judged by the next pass."""
    lake.execute(SET_ASIDE)
    last = (datetime.now(UTC) + timedelta(days=2)).date()
    outside = f"(day < date '2000-01-01' or day > date '{last}')"
    for schema, table in lake.execute(_DATED).fetchall():
        if schema == "raw":
            lake.execute(
                f"insert into lake.meta.set_aside select '{table}', id, 'its time can''t be used' "
                f"from lake.raw.{table} where {outside}"
            )
        lake.execute(f"delete from lake.{schema}.{table} where {outside}")
    row = lake.execute("select count(*) from lake.meta.set_aside").fetchone()
    state["set_aside"] = row[0] if row else 0
    hours = range(262_968, int((datetime.now(UTC) + timedelta(days=2)).timestamp()) // 3600 + 1)
    pending = state.get("pending")
    if isinstance(pending, dict):
        for name in ("channel_hours", "organization_hours", "contact_hours"):
            pending[name] = [hour for hour in pending.get(name, ()) if hour in hours]
    state["rolled_up_at_pass"] = state.get("passes", 0)
    # What a row says is read differently now (blanks, masks, Instagram's SENT): the raw window is read once more.
    state["watermark"], state["tails"] = NEVER_READ, []
    # Ids are compared by the next pass, whenever that was done last: it looks at the rows set aside too.
    state["deletes_checked_at"] = "2000-01-01T00:00:00Z"


def _read_emails_with_campaigns(lake: Connection, state: dict[str, object]) -> None:
    """Layout 4 reads campaign recipients with their e-mails, and what ended an e-mail from its own row.

    It also knows by id which rows the lifetime rows count.
    """
    lake.execute(EARLIER_EMAILS)
    lake.execute(COUNTED)
    pending = Pending.model_validate(state.get("pending") or {})
    touched = {
        key: {int(row[0]) for row in lake.execute(select).fetchall()}
        for key, select in _OF_EMAILS_AND_CAMPAIGNS.items()
    }
    state["pending"] = pending.merged(Pending(totals=True, **touched)).model_dump(mode="json")
    # The next sweep reads all days that have left the raw rows once more.
    state["sweep_watermark"] = NEVER_READ
    state["is_counted_known"] = False


_OF_EMAILS_AND_CAMPAIGNS = {
    "channel_hours": "select distinct epoch_us(created_at) // 3600000000 from lake.raw.email_recipient",
    "organization_hours": """
        select epoch_us(created_at) // 3600000000 from lake.raw.email_recipient
        union select epoch_us(created_at) // 3600000000 from lake.raw.campaign_recipient
    """,
    "campaigns": "select distinct campaign_id from lake.raw.campaign_recipient where campaign_id is not null",
    "email_jobs": "select distinct email_job_id from lake.raw.email_recipient where email_job_id is not null",
}
_DATED = """
    select schema_name, table_name from duckdb_columns()
    where database_name = 'lake' and schema_name in ('raw', 'rollup') and column_name = 'day'
    order by all
"""
_STEPS: Mapping[int, Callable[[Connection, dict[str, object]], None]] = {
    2: _set_rows_aside,
    3: _read_emails_with_campaigns,
}
