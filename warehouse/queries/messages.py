"""Single messages, newest first: what a figure is made of. No address and no text of a person is among them.

Belongs here: which tables a list is read from, and the rows. Does not: counting (channels.py, sendings.py).
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from warehouse.failure_reasons import Reason
from warehouse.lake.sql import statement
from warehouse.queries.newest import Page, Position, Stretch, read_page
from warehouse.queries.scope import OrganizationLake, Rows
from warehouse.queries.span import span_of
from warehouse.queries.window import Asked
from warehouse.source.recipient_states import campaign_state, campaign_template
from warehouse.source.tables import BY_RAW

Direction = Literal["outbound", "inbound"]

SOURCES = ("outbound", "whatsapp", "telegram", "instagram", "email", "campaign", "inbound")
"""The names of the tables that rows are from; an id is of its source."""

_CHANNEL_OF = {name: name for name in ("whatsapp", "telegram", "instagram", "email")}
_OUTBOUND = ("outbound", *_CHANNEL_OF)
_TOLD_BY_CAMPAIGN = ("sent", "delivered")
"""Between these two SendGrid's callbacks leave an e-mail; its campaign's recipient tells which it is."""
_OUTBOUND_ONLY = ("status", "reason", "template", "campaign_id", "email_job_id")


@dataclass(frozen=True)
class MessageFilter:
    """Which messages. `status` is a state of source/tables.py, `template` a whole masked text ('': none given).

    Those of a campaign are its recipients, and those of an e-mail job its e-mails.
    """

    direction: Direction = "outbound"
    channel: str | None = None
    status: str | None = None
    reason: Reason | None = None
    template: str | None = None
    campaign_id: int | None = None
    email_job_id: int | None = None

    def sources(self) -> tuple[str, ...]:
        """The tables in which such messages are."""
        if self.direction == "inbound":
            return () if any(getattr(self, name) is not None for name in _OUTBOUND_ONLY) else ("inbound",)
        if self.email_job_id is not None:
            return ("email",)
        if self.campaign_id is not None:
            return ("campaign",)
        return tuple(name for name in _OUTBOUND if self.channel in (None, _CHANNEL_OF.get(name, self.channel)))

    def is_rare(self) -> bool:
        """Whether a day holds few of them, however busy it was."""
        return any(getattr(self, name) is not None for name in ("template", "campaign_id", "email_job_id"))

    def conditions(self) -> list[str]:
        """SQL conditions over bound values of the same names."""
        named = {"status": "state = $status", "template": "coalesce(template, '') = $template"}
        return [*(named.get(name, f"{name} = ${name}") for name in self.values()), *self._of_reason()]

    def values(self) -> dict[str, object]:
        """What is bound."""
        return {k: v for k, v in vars(self).items() if k not in ("direction", "reason") and v is not None}

    def _of_reason(self) -> list[str]:
        if self.reason is None:
            return []
        # A text that has no reason of its own counts as unknown.
        belongs, reasons = ("not in", "<> 'unknown'") if self.reason == Reason.UNKNOWN else ("in", f"= '{self.reason}'")
        texts = f"(select (channel, template) from {{rollup.failure_reason}} where reason {reasons})"
        return ["state = 'failed'", f"(channel, coalesce(template, '')) {belongs} {texts}"]


@dataclass(frozen=True)
class Message:
    """One message; moments are UTC. What a source doesn't say is None."""

    source: str
    id: int
    channel: str
    status: str
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    failed_at: datetime | None
    template: str | None
    reason: str | None
    retry_count: int | None
    email_job_id: int | None
    campaign_id: int | None


def read_messages(
    lake: OrganizationLake, asked: Asked, wanted: MessageFilter, limit: int, after: Position | None = None
) -> Page[Message]:
    """The newest messages. Raises BadRequestError for a span that can't be."""
    sources = wanted.sources()
    span = span_of(asked, lake.as_of, lake.held)
    first_day = lake.held.raw_from
    if sources == ("campaign",):
        first_day = BY_RAW["campaign_recipient"].first_day(first_day)
    stretch = Stretch("created_at", span, after, first_day, lake.as_of, is_rare=wanted.is_rare())
    if not sources:
        notice = f"Inbound messages have none of: {', '.join(_OUTBOUND_ONLY)}; so none was found."
        return Page((), None, (notice,))

    def read(conditions: Sequence[str], most: int) -> list[Message]:
        fragments = {
            "sources": " union all by name ".join(_source_sql(source, wanted.status) for source in sources),
            "wanted": " and ".join([*conditions, *wanted.conditions()]),
            "limit": f"{most:d}",
        }
        rows = lake.rows("messages", wanted.values(), fragments)
        confirmed = _confirmed(lake, rows) if wanted.status not in _TOLD_BY_CAMPAIGN else set()
        return [_message(row, confirmed) for row in rows]

    return read_page(stretch, read, lambda row: Position(row.created_at, row.id, row.source), limit)


def _source_sql(source: str, status: str | None) -> str:
    """Which e-mails were delivered is looked up for those of a page alone, unless that is what is asked for."""
    confirmed = f"if({confirmed_sql('r', 'j.campaign_id')}, 'delivered', r.state)"
    fragments = {
        "email_state": confirmed if status in _TOLD_BY_CAMPAIGN else "r.state",
        **campaign_fragments("j.campaign_id = $campaign_id"),
    }
    return statement("warehouse.queries", f"message_{source}", fragments)


def _confirmed(lake: OrganizationLake, rows: Rows) -> set[tuple[int, int]]:
    """The campaigns and contacts of those e-mails among some rows that were delivered."""
    asked = {row[-2:] for row in rows if row[0] == "email" and row[3] == "sent" and None not in row[-2:]}
    if not asked:
        return set()
    campaigns, contacts = (", ".join(map(str, sorted(ids))) for ids in map(set, zip(*asked, strict=True)))
    found = lake.rows("confirmed_recipients", fragments={"campaigns": campaigns, "contacts": contacts})
    return {(campaign_id, contact_id) for campaign_id, contact_id in found}


def confirmed_sql(email: str, campaign_id: str) -> str:
    """SQL of whether an e-mail was delivered; `email` is the alias of its row, `campaign_id` SQL of its campaign."""
    return statement("warehouse.queries", "email_confirmed", {"campaign_id": campaign_id, "email": email})


def campaign_fragments(wanted: str) -> dict[str, str]:
    """For a query of campaign recipients `r`: the e-mails `e` to join, of wanted jobs `j`, and what both say."""
    return {
        "campaign_email": statement("warehouse.queries", "campaign_email", {"wanted": wanted}),
        "campaign_state": campaign_state("r.state", "e.last.state"),
        "campaign_template": campaign_template("r.template", "e.last.state", "e.last.template"),
    }


def _message(row: Sequence[Any], confirmed: Set[tuple[int, int]]) -> Message:
    values: list[Any] = [value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for value in row]
    if row[0] == "email" and row[3] == "sent" and row[-2:] in confirmed:
        values[3] = "delivered"
    return Message(*values[:-1])
