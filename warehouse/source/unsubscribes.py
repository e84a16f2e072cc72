"""Attributes unsubscribes to campaigns, for the contacts a pass touched.

Belongs here: which contacts to look at, and where the campaigns that reached them are looked up: in the source, by the
index on contact_id, since a campaign older than the raw window may be the one. Does not: counting (queries/).
"""

from warehouse.lake.connection import Connection
from warehouse.lake.sql import statement
from warehouse.source.merge import stage_where
from warehouse.source.tables import BY_RAW

_TOUCHED = """
    create or replace temp table touched_contact as
    select id from moved_contact
    union
    select contact_id from moved_campaign_recipient
    union
    select contact_id from new_campaign_recipient
    union
    select c.id
    from moved_suppression s
    join lake.raw.contact c on c.address_key = s.address_key and c.organization_id = s.organization_id
    where s.reason = ''
    union
    select contact_id from lake.rollup.unsubscribe where campaign_id in (select id from moved_campaign)
"""


def attribute_touched(lake: Connection, schema: str) -> int:
    """Recomputes the unsubscribes of contacts that this pass touched; returns how many it wrote."""
    lake.execute(_TOUCHED)
    people = lake.execute(
        "select id from lake.raw.contact where status = 'unsubscribed' and id in (from touched_contact)"
    ).fetchall()
    if people:
        ids = ",".join(str(row[0]) for row in people)
        table = BY_RAW["campaign_recipient"]
        stage_where(lake, schema, table, f"contact_id = any('{{{ids}}}')", into="reached")
    else:
        lake.execute("create or replace temp table reached as from lake.raw.campaign_recipient limit 0")
    return _write(lake)


def attribute_all(lake: Connection) -> int:
    """Computes every unsubscribe after a first load, from every campaign recipient there is; returns how many."""
    lake.execute("create or replace temp table reached as from old_campaign_recipient")
    lake.execute("create or replace temp table touched_contact as select id from lake.raw.contact")
    return _write(lake)


def _write(lake: Connection) -> int:
    lake.execute("create or replace temp table attributed as " + statement("warehouse.source", "unsubscribes"))
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
