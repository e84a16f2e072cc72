"""Campaigns and e-mail jobs, both of which send to a list of recipients: what became of those, and at what rates.

Belongs here: lists of them, and one by its id. Does not: one over time and why its recipients failed (recipients.py).
Recipients are counted; the counters that the platform keeps drift when callbacks repeat.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from warehouse.lake.sql import statement
from warehouse.queries.measures import recipient_measures
from warehouse.queries.newest import Position
from warehouse.queries.scope import OrganizationLake
from warehouse.queries.span import Span


@dataclass(frozen=True)
class Kind:
    """What there is of one kind: its name, its counts, and each rate as a count and what that is a part of."""

    one: str
    counts: tuple[str, ...]
    measures: Mapping[str, str] = field(repr=False)
    rates: Mapping[str, tuple[str, tuple[str, ...]]] = field(repr=False)

    @property
    def key(self) -> str:
        """The column by which recipients belong to one."""
        return f"{self.one}_id"


NEWEST_FIRST = "-created_at"
"""The order in which a page can begin at a position."""

_TRIED = ("sent", "failed")
"""Recipients that were sent to, whether the provider took it or not."""

CAMPAIGN = Kind(
    "campaign",
    ("total", "queued", "sent", "delivered", "read", "failed", "unsubscribed"),
    recipient_measures("campaign_"),
    {
        "delivered": ("delivered", _TRIED),
        "read": ("read", ("sent",)),
        "failed": ("failed", _TRIED),
        "unsubscribed": ("unsubscribed", ("reached",)),
    },
)
EMAIL_JOB = Kind(
    "email_job",
    ("total", "queued", "sent", "delivered", "opened", "failed", "skipped", "bounced", "dropped", "spam"),
    recipient_measures("email_"),
    {
        "delivered": ("delivered", _TRIED),
        "opened": ("opened", ("sent",)),
        "failed": ("failed", _TRIED),
        "bounced": ("bounced", _TRIED),
        "spam": ("spam", _TRIED),
    },
)


@dataclass(frozen=True)
class Rate:
    """A count in per cent of `of`; None where that is 0."""

    value: float | None
    of: int


@dataclass(frozen=True)
class Sending:
    """A campaign or an e-mail job; moments are UTC.

    `first_day` and `last_day` are the UTC days on which recipients were written, of those days that are kept.
    """

    id: int
    name: str
    channel: str
    status: str
    created_at: datetime
    campaign_id: int | None
    started_at: datetime | None
    completed_at: datetime | None
    first_day: date | None
    last_day: date | None
    recipients: Mapping[str, int]
    rates: Mapping[str, Rate]


@dataclass(frozen=True)
class SendingFilter:
    """Which of them: `text` is part of the name in any case, `made` when they were made."""

    status: str | None = None
    channel: str | None = None
    text: str | None = None
    campaign_id: int | None = None
    made: Span = field(default_factory=Span)

    def conditions(self) -> list[str]:
        """SQL conditions over bound values of the same names."""
        named = {"text": "contains(lower(name), lower($text))"}
        chosen = [named.get(name, f"{name} = ${name}") for name in self.values()]
        return [*chosen, *self.made.conditions("created_at")]

    def values(self) -> dict[str, object]:
        """What is bound."""
        return {name: value for name, value in vars(self).items() if name != "made" and value is not None}


@dataclass(frozen=True)
class SendingPage:
    """Some of them in the order that was asked for; `total` counts those of all pages.

    `next` is where the following page begins: None on the last, and in any order but the newest first.
    """

    results: tuple[Sending, ...]
    total: int
    next: Position | None = None


@dataclass(frozen=True)
class CampaignJob:
    """An e-mail job of a campaign."""

    id: int
    name: str
    status: str
    created_at: datetime


def sorts_of(kind: Kind) -> tuple[str, ...]:
    """By what they can be sorted; a `-` before it is descending."""
    return ("name", "created_at", "recipients", *(f"{rate}_rate" for rate in kind.rates))


def read_sendings(
    lake: OrganizationLake, kind: Kind, wanted: SendingFilter, *, sort: str, limit: int, offset: int,
    after: Position | None = None,
) -> SendingPage:  # fmt: skip
    """A page of them, of the newest first from `after` on. The same sort gives the same order: ties go by id."""
    conditions = " and ".join(wanted.conditions()) or "true"
    # One more than is shown tells whether there is another page.
    cut = {"order": _order(kind, sort), "limit": f"{limit + 1:d}", "offset": f"{offset:d}",
           "after": after.condition("created_at") if after else "true"}  # fmt: skip
    found = _page(lake, kind, wanted.values(), {"its_rows": "true", "wanted": conditions, **cut})
    shown, is_more = found.results[:limit], len(found.results) > limit
    following = Position(shown[-1].created_at, shown[-1].id) if is_more and sort == NEWEST_FIRST else None
    return SendingPage(shown, found.total, following)


def find_sending(lake: OrganizationLake, kind: Kind, id_: int) -> Sending | None:
    """One of them by its id; None where the organization has no such."""
    cut = {"order": "id", "limit": "1", "offset": "0", "after": "true"}
    page = _page(lake, kind, {}, {"its_rows": f"{kind.key} = {id_:d}", "wanted": f"id = {id_:d}", **cut})
    return page.results[0] if page.results else None


def read_jobs_of(lake: OrganizationLake, campaign_id: int) -> list[CampaignJob]:
    """The e-mail jobs of a campaign."""
    rows = lake.rows("jobs_of_campaign", {"campaign_id": campaign_id})
    return [CampaignJob(id_, name, status, made_at.replace(tzinfo=UTC)) for id_, name, status, made_at in rows]


def _page(lake: OrganizationLake, kind: Kind, values: Mapping[str, object], chosen: Mapping[str, str]) -> SendingPage:
    fragments = {
        "listed": statement("warehouse.queries", f"{kind.one}s"),
        "measures": ", ".join(f"sum({sql})::bigint as {name}" for name, sql in kind.measures.items()),
        "coalesced": ", ".join(f"coalesce(n.{name}, 0) as {name}" for name in _counted(kind)),
        **chosen,
    }
    rows = lake.rows("sending_page", values, fragments)
    return SendingPage(tuple(_sending(kind, row[1:]) for row in rows if row[1] is not None), int(rows[0][0]))


def _counted(kind: Kind) -> tuple[str, ...]:
    """The counts that come from recipients alone, in the order in which they are selected."""
    return tuple(name for name in kind.counts if name != "unsubscribed")


def _order(kind: Kind, sort: str) -> str:
    name, direction = sort.removeprefix("-"), "desc" if sort.startswith("-") else "asc"
    columns = {"name": "lower(name)", "created_at": "created_at", "recipients": "total"}
    for rate, (count, of) in kind.rates.items():
        columns[f"{rate}_rate"] = f"{count} / nullif({' + '.join(of)}, 0)"
    return f"{columns[name]} {direction} nulls last, id {direction}"


def _sending(kind: Kind, row: Sequence[Any]) -> Sending:
    names = [*_counted(kind), *(("unsubscribed", "reached") if "unsubscribed" in kind.counts else ())]
    counts = dict(zip(names, row[10:], strict=True))
    created_at, started_at, completed_at = (value and value.replace(tzinfo=UTC) for value in (row[4], row[6], row[7]))
    return Sending(
        id=row[0],
        name=row[1],
        channel=row[2],
        status=row[3],
        created_at=created_at,
        campaign_id=row[5],
        started_at=started_at,
        completed_at=completed_at,
        first_day=row[8],
        last_day=row[9],
        recipients={name: counts[name] for name in kind.counts},
        rates={
            name: _rate(counts[count], sum(counts[part] for part in of)) for name, (count, of) in kind.rates.items()
        },
    )


def _rate(count: int, of: int) -> Rate:
    return Rate(100 * count / of if of else None, of)
