"""Single messages, newest first: what a figure is made of. No address and no text of a person is among them.

Belongs here: which tables a list is read from, and the rows. Does not: counting (channels.py, sendings.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from warehouse.failure_reasons import Reason
from warehouse.queries.newest import Page, Position, Stretch, read_page
from warehouse.queries.scope import OrganizationLake
from warehouse.queries.span import span_of
from warehouse.queries.window import Asked
from warehouse.source.tables import BY_RAW
from warehouse.sql import statement

Direction = Literal["outbound", "inbound"]

SOURCES = ("outbound", "whatsapp", "telegram", "instagram", "email", "campaign", "inbound")
"""The names of the tables that rows are from; an id is of its source."""

_CHANNEL_OF = {name: name for name in ("whatsapp", "telegram", "instagram", "email")}
_OUTBOUND = ("outbound", *_CHANNEL_OF)
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
    campaign_id: int | None
    email_job_id: int | None


def read_messages(
    lake: OrganizationLake, asked: Asked, wanted: MessageFilter, limit: int, after: Position | None = None
) -> Page[Message]:
    """The newest messages. Raises BadRequestError for a span that can't be."""
    sources = wanted.sources()
    span = span_of(asked, lake.as_of, lake.held)
    first_day = lake.held.raw_from
    if sources == ("campaign",):
        first_day = BY_RAW["campaign_recipient"].first_day(first_day)
    stretch = Stretch("created_at", span, after, first_day, lake.as_of)
    if not sources:
        notice = f"Inbound messages have none of: {', '.join(_OUTBOUND_ONLY)}; so none was found."
        return Page((), None, (notice,))

    def read(conditions: Sequence[str], most: int) -> list[Message]:
        chosen = " and ".join([*conditions, *wanted.conditions()])
        fragments = _fragments(sources, wanted.status) | {"wanted": chosen, "limit": str(most)}
        return [_message(row) for row in lake.rows("messages", wanted.values(), fragments)]

    return read_page(stretch, read, lambda row: Position(row.created_at, row.id, row.source), limit)


def _fragments(sources: Sequence[str], status: str | None) -> dict[str, str]:
    """Whether an e-mail is delivered is looked up for those of the page alone, unless that is what is asked for."""
    is_asked_for = status in ("sent", "delivered")
    state = f"if({confirmed_sql('r', 'j.campaign_id')}, 'delivered', r.state)" if is_asked_for else "r.state"
    read = [statement("warehouse.queries", f"message_{source}", {"state": state}) for source in sources]
    looked_up = "email" in sources and not is_asked_for
    return {
        "sources": " union all by name ".join(read),
        "is_confirmed": confirmed_sql("c", "c.campaign_id") if looked_up else "false",
    }


def confirmed_sql(email: str, campaign_id: str) -> str:
    """SQL of whether an e-mail was delivered; `email` is the alias of its row, `campaign_id` SQL of its campaign."""
    return statement("warehouse.queries", "email_confirmed", {"campaign_id": campaign_id, "email": email})


def _message(row: Sequence[object]) -> Message:
    return Message(*(value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for value in row))  # type: ignore[arg-type]
