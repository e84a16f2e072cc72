"""The figures of the overview: what an organization has in all, today, and in a window.

Belongs here: reading them, all from one lake snapshot. Does not: time-series and single errors, and how an answer looks
(api/).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from warehouse.errors import WarehouseEmptyError
from warehouse.lake import Connection
from warehouse.queries.measures import CHANNELS, MessageCounts, measures_sql
from warehouse.queries.scope import Organization
from warehouse.queries.window import Range, Window, window_of
from warehouse.sketch import Sketch, merged
from warehouse.sql import statement
from warehouse.state import read_state


@dataclass(frozen=True)
class Latency:
    """Callback latency in ms over a window; percentiles are within 1 %, all None where no latency is known."""

    count: int
    avg_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


@dataclass(frozen=True)
class RecipientCounts:
    """Recipients of campaigns by how far their message came; the states up to `unsubscribed` exclude each other.

    `unsubscribed_later` counts contacts who unsubscribed after a campaign had reached them last: the platform leaves
    their recipient row as it was. `unsubscribed_without_campaign` counts those whom no campaign had reached.
    """

    queued: int
    sent: int
    delivered: int
    read: int
    failed: int
    unsubscribed: int
    unsubscribed_later: int
    unsubscribed_without_campaign: int


@dataclass(frozen=True)
class EmailCounts:
    """Recipients of e-mail jobs; bounced, dropped and spam are parts of failed, `opened` counts recipients once."""

    total: int
    queued: int
    sent: int
    delivered: int
    opened: int
    failed: int
    skipped: int
    bounced: int
    dropped: int
    spam: int


@dataclass(frozen=True)
class Activity:
    """Bookings by the time they were made, and calls of language models."""

    bookings: int
    bookings_cancelled: int
    llm_calls: int
    llm_failed: int


@dataclass(frozen=True)
class Totals:
    """What an organization has now."""

    contacts: int = 0
    contacts_unsubscribed: int = 0
    campaigns: int = 0
    campaigns_active: int = 0
    email_jobs: int = 0


@dataclass(frozen=True)
class Metrics:
    """One organization's overview at `as_of`, the moment of the source's snapshot (UTC).

    `lifetime` covers all that the organization ever had, `window` and `latency` the window; both by channel, all four.
    """

    as_of: datetime
    window_start: datetime
    window_end: datetime
    totals: Totals
    lifetime: dict[str, MessageCounts]
    today: MessageCounts
    window: dict[str, MessageCounts]
    latency: dict[str, Latency]
    campaign_recipients: RecipientCounts
    email_recipients: EmailCounts
    activity: Activity


def read_metrics(lake: Connection, organization: Organization, range_: Range = Range.LAST_24_HOURS) -> Metrics:
    """The overview of one organization; `lake` is a reader within one transaction (LakeReaders.reader).

    Raises WarehouseEmptyError before the first load has been rolled up.
    """
    state = read_state(lake)
    if state.rolled_up_as_of is None:
        raise WarehouseEmptyError("The first load is not rolled up yet: wait for the pass to end.")
    as_of, held = state.rolled_up_as_of, state.boundaries
    window = window_of(range_, as_of, held)
    today = window_of(Range.TODAY, as_of, held)
    return Metrics(
        as_of=as_of,
        window_start=window.start,
        window_end=window.end,
        totals=_totals(lake, organization),
        lifetime=_by_channel(lake, "lifetime_channels", organization),
        today=sum(_by_channel(lake, "window_channels", organization, today).values(), MessageCounts()),
        window=_by_channel(lake, "window_channels", organization, window),
        latency=_latency(lake, organization, window),
        campaign_recipients=RecipientCounts(*_row(lake, "campaign_recipients", organization)),
        email_recipients=EmailCounts(*_row(lake, "email_recipients", organization)),
        activity=Activity(*_row(lake, "activity", organization)),
    )


def _totals(lake: Connection, organization: Organization) -> Totals:
    sql = statement("warehouse.queries", "totals")
    row = lake.execute(sql, _values(organization)).fetchone()
    return Totals(*row) if row else Totals()


def _by_channel(
    lake: Connection, name: str, organization: Organization, window: Window | None = None
) -> dict[str, MessageCounts]:
    sql = statement("warehouse.queries", name, {"measures": measures_sql(), "slot": window.slot if window else ""})
    rows = lake.execute(sql, _values(organization, window)).fetchall()
    found = {channel: MessageCounts(*counts) for channel, *counts in rows}
    return {channel: found.get(channel, MessageCounts()) for channel in _channels(found)}


def _channels(found: Iterable[str]) -> list[str]:
    """All four channels in their order, then any other that rows name: no row is left out of a total."""
    return [*CHANNELS, *sorted({*found} - {*CHANNELS})]


def _latency(lake: Connection, organization: Organization, window: Window) -> dict[str, Latency]:
    values = _values(organization, window)
    fragments = {"slot": window.slot}
    sums = {
        channel: (int(count), float(total))
        for channel, count, total in lake.execute(
            statement("warehouse.queries", "window_latency_sums", fragments), values
        ).fetchall()
    }
    buckets: dict[str, dict[int, int]] = {}
    for channel, bucket, n in lake.execute(
        statement("warehouse.queries", "window_latency", fragments), values
    ).fetchall():
        buckets.setdefault(channel, {})[bucket] = n
    return {
        channel: _described(sums.get(channel, (0, 0.0)), merged([buckets.get(channel, {})]))
        for channel in _channels(sums)
    }


def _described(sums: tuple[int, float], sketch: Sketch) -> Latency:
    count, total = sums
    return Latency(
        count=count,
        avg_ms=total / count if count else None,
        p50_ms=sketch.quantile(0.5),
        p95_ms=sketch.quantile(0.95),
        p99_ms=sketch.quantile(0.99),
    )


def _row(lake: Connection, name: str, organization: Organization) -> tuple[int, ...]:
    row = lake.execute(statement("warehouse.queries", name), _values(organization)).fetchone()
    return tuple(int(value) for value in row or ())


def _values(organization: Organization, window: Window | None = None) -> dict[str, object]:
    values: dict[str, object] = {"organization_id": organization.id}
    if window:
        values |= {"start": window.start.replace(tzinfo=None), "end": window.end.replace(tzinfo=None)}
    return values
