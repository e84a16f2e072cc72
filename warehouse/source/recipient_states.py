"""The state of a campaign's recipient, which by e-mail is told in two tables, as DuckDB expressions.

Belongs here: how it is read together with the e-mail to the same contact in a job of the campaign.
Does not: what a status means in one table (tables.py), which rows meet (rollups/, queries/).

The platform's habits behind it: only SendGrid's callbacks move a campaign's recipient; sending, a refused send and a
retry move the e-mail alone. See docs/source.md.
"""


def campaign_state(recipient: str, email: str) -> str:
    """The state of a campaign's recipient; `email` is the state of the last e-mail to it, NULL where there is none.

    The further of the two, but a failure that the e-mail no longer has was undone by a retry.
    """
    alone = f"{recipient} in ('unsubscribed', 'read') or coalesce({email}, 'skipped') = 'skipped'"
    further = " ".join(f"when '{state}' in ({recipient}, {email}) then '{state}'" for state in _FURTHEST_FIRST)
    return f"case when {alone} then {recipient} when {recipient} = 'failed' then {email} {further} else 'queued' end"


def campaign_template(recipient: str, email: str, email_template: str) -> str:
    """The masked error text of a campaign's recipient, `recipient` being its own: its e-mail's, where that failed."""
    return f"if({email} = 'failed', coalesce({email_template}, {recipient}), {recipient})"


_FURTHEST_FIRST = ("read", "delivered", "failed", "sent")
