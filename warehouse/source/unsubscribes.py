"""Attributes unsubscribes to campaigns, for the contacts a pass touched.

Belongs here: which contacts to look at, and where the campaigns that reached them are looked up: in the source, by the
index on contact_id, since a campaign older than the raw window may be the one. Does not: counting (queries/).
"""

from collections.abc import Set

from warehouse.lake.connection import Connection
from warehouse.lake.sql import statement
from warehouse.source.merge import stage_where
from warehouse.source.recipient_states import campaign_state
from warehouse.source.tables import BY_RAW

_TOLD_IN = ("campaign_recipient", "email_recipient")
"""The raw tables whose rows tell which campaigns reached a contact."""

_ATTRIBUTED_BY = (*_TOLD_IN, "contact", "campaign", "suppression")

_TOUCHED = """
    create or replace temp table touched_contact as
    select id from moved_contact
    union
    select contact_id from moved_campaign_recipient
    union
    select contact_id from new_campaign_recipient
    union
    select contact_id from moved_email_recipient
    union
    select contact_id from new_email_recipient
    union
    select c.id
    from moved_suppression s
    join lake.raw.contact c on c.address_key = s.address_key and c.organization_id = s.organization_id
    where s.reason = ''
    union
    select contact_id from lake.rollup.unsubscribe where campaign_id in (select id from moved_campaign)
"""


def attribute_touched(lake: Connection, schema: str, touched: Set[str]) -> int:
    """Recomputes the unsubscribes of contacts that this pass touched; returns how many it wrote.

    `touched` names the raw tables of which rows were read or deleted.
    """
    if touched.isdisjoint(_ATTRIBUTED_BY):
        return 0
    lake.execute(_TOUCHED)
    return _attribute(lake, schema)


def attribute_again(lake: Connection, schema: str) -> int:
    """Recomputes every unsubscribe from the source; returns how many it wrote."""
    lake.execute("create or replace temp table touched_contact as select id from lake.raw.contact")
    return _attribute(lake, schema)


def attribute_all(lake: Connection) -> int:
    """Computes every unsubscribe after a first load, from every recipient there is; returns how many."""
    for raw in _TOLD_IN:
        lake.execute(f"create or replace temp view reached_{raw} as from old_{raw}")
    lake.execute("create or replace temp table touched_contact as select id from lake.raw.contact")
    return _write(lake)


def _attribute(lake: Connection, schema: str) -> int:
    people = lake.execute(
        "select id from lake.raw.contact where status = 'unsubscribed' and id in (from touched_contact)"
    ).fetchall()
    if people:
        ids = ",".join(str(row[0]) for row in people)
        for raw in _TOLD_IN:
            stage_where(lake, schema, BY_RAW[raw], f"contact_id = any('{{{ids}}}')", into=f"reached_{raw}")
    else:
        for raw in _TOLD_IN:
            lake.execute(f"create or replace temp table reached_{raw} as from lake.raw.{raw} limit 0")
    return _write(lake)


def _write(lake: Connection) -> int:
    state = {"campaign_state": campaign_state("r.state", "e.state")}
    lake.execute("create or replace temp table attributed as " + statement("warehouse.source", "unsubscribes", state))
    stale = """
        from lake.rollup.unsubscribe
        where contact_id in (from touched_contact)
        except from attributed
    """
    lake.execute(f"delete from lake.rollup.unsubscribe where contact_id in (select contact_id from ({stale}))")
    row = lake.execute(
        "insert into lake.rollup.unsubscribe from (from attributed except from lake.rollup.unsubscribe)"
    ).fetchone()
    return int(row[0]) if row else 0
