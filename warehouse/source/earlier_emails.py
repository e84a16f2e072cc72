"""E-mails older than the raw window, kept as long as recipients of their campaigns are raw: these are read with them.

Belongs here: which such e-mails there are. Does not: reading the two together (rollups/campaign_sent.sql). Passes don't
look at them, only the sweep does, as at all that is older than the raw window. Every function works within the caller's
lake transaction.
"""

from collections.abc import Set
from datetime import date

from warehouse.lake.connection import Connection
from warehouse.lake.sql import days_sql
from warehouse.lake.state import Boundaries, Pending
from warehouse.source.tables import BY_RAW

TABLE = "earlier_email_recipient"
"""In the lake's schema `raw`, with the columns of `email_recipient`."""

_CAMPAIGNS = """
    select j.campaign_id from lake.raw.email_job j
    where j.campaign_id in (select campaign_id from lake.raw.campaign_recipient {where})
"""


def keep_staged(lake: Connection, days: Set[date]) -> Pending:
    """Replaces the e-mails of some days by those staged of them; returns what that touches."""
    of_days = f"day in ({days_sql(days)})"
    lake.execute(f"create or replace temp table earlier as from lake.raw.{TABLE} where {of_days}")
    lake.execute(f"delete from lake.raw.{TABLE} where {of_days}")
    _keep(lake, f"staged_email_recipient where {of_days}", _CAMPAIGNS.format(where=""))
    lake.execute(
        f"""
        create or replace temp table earlier as
        select distinct j.campaign_id, e.contact_id
        from (from earlier union all from lake.raw.{TABLE} where {of_days}) e
        join lake.raw.email_job j on j.id = e.email_job_id
        where j.campaign_id is not null
        """
    )
    rows = lake.execute(
        "select distinct campaign_id, epoch_us(created_at) // 3600000000 "
        "from lake.raw.campaign_recipient join earlier using (campaign_id, contact_id)"
    ).fetchall()
    return Pending(campaigns={row[0] for row in rows}, organization_hours={row[1] for row in rows})


def keep_leaving(lake: Connection, kept: Boundaries) -> None:
    """Before retention: keeps what is to leave the raw window and is still needed, and no longer what isn't."""
    first = BY_RAW["campaign_recipient"].first_day(kept.raw_from)
    campaigns = _CAMPAIGNS.format(where=f"where day >= date '{first}'")
    _keep(lake, f"lake.raw.email_recipient where day < date '{kept.raw_from}'", campaigns)
    lake.execute(
        f"delete from lake.raw.{TABLE} where email_job_id not in "
        f"(select id from lake.raw.email_job where campaign_id in ({campaigns}))"
    )


def _keep(lake: Connection, emails: str, campaigns: str) -> None:
    lake.execute(
        f"insert into lake.raw.{TABLE} by name from {emails} and email_job_id in "
        f"(select id from lake.raw.email_job where campaign_id in ({campaigns}))"
    )
