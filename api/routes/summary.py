"""GET /api/monitoring/summary/: a window in figures.

Belongs here: the route, and the answer made of the figures. Does not: the figures (warehouse/queries/summary.py).
"""

from bisect import bisect_left
from datetime import datetime

from flask import Blueprint

from api.schemas.metrics import AlertCounts
from api.schemas.shared import WindowOut, WindowParameters
from api.schemas.summary import FigureOut, NowOut, SparklineOut, SummaryOut, SummaryTotalsOut
from api.serving.alert_counts import read_alert_counts, read_alert_openings
from api.serving.endpoints import lake_endpoint
from api.serving.tables import Table, table_of
from warehouse.queries.measures import MessageCounts, success_rate
from warehouse.queries.scope import OrganizationLake
from warehouse.queries.summary import Summary, read_summary
from warehouse.queries.window import Window

blueprint = Blueprint("summary", __name__, url_prefix="/api/monitoring")

_MESSAGES = ("inbound", "outbound", "sent", "delivered", "read", "failed", "callbacks", "callback_errors")
_ACTIVITY = (
    "bookings", "bookings_cancelled", "llm_calls", "llm_failed",
    "campaign_recipients", "campaign_sent", "campaign_delivered", "campaign_read", "campaign_failed",
    "campaign_unsubscribed",
    "email_recipients", "email_sent", "email_delivered", "email_opened", "email_failed", "email_skipped",
    "email_bounced", "email_dropped", "email_spam",
)  # fmt: skip
_MADE = ("contacts", "campaigns", "email_jobs", "unsubscribed")
_SPARKLINES = ("contacts", "bookings", "inbound", "outbound", "failed", "campaigns", "email_jobs", "email_recipients")


def _figures_table(answer: SummaryOut) -> Table:
    rows = [{"figure": name, **figure.model_dump()} for name, figure in answer.figures.items()]
    return table_of(rows, ["figure", *FigureOut.model_fields])


@lake_endpoint(
    blueprint, "/summary/", parameters=WindowParameters, answer=SummaryOut, table=_figures_table, is_platforms=True
)
def summary(lake: OrganizationLake, asked: WindowParameters) -> SummaryOut:
    """A window in figures, each beside that of the window before.

    `figures` holds each figure's value, that of the period before, and the change. `sparklines` give the course of the
    main ones. `now` says what there is at `as_of`, whatever the window. As CSV: a line for each figure.
    """
    found = read_summary(lake, asked.asked())
    opened = read_alert_openings(lake.organization, Window((found.previous or found.window).start, found.window.end))
    return summary_out(lake, found, read_alert_counts(lake.organization), opened, asked)


def summary_out(
    lake: OrganizationLake, found: Summary, alerts: AlertCounts, opened: list[datetime], asked: WindowParameters
) -> SummaryOut:
    """The figures under the names clients read; `opened` is when alerts did in the window and the one before. Pure."""
    values = {**figures_in(found, found.window), "alerts": opened_in(opened, found.window)}
    before = (
        {**figures_in(found, found.previous), "alerts": opened_in(opened, found.previous)} if found.previous else {}
    )
    counts = found.channels.counts(period=found.window)
    mean_ms = found.channels.mean_latency_ms(period=found.window)
    open_alerts = sum(severity.open for severity in alerts.values())
    return SummaryOut(
        totals=_totals(counts, values, found.made_in(found.window).campaigns_active, open_alerts),
        success_rate=success_rate(counts),
        average_response_ms=None if mean_ms is None else round(mean_ms),
        organization_id=lake.organization.id,
        range=asked.asked().range,
        tz=asked.tz,
        window=WindowOut.of(found.window),
        previous=WindowOut.of(found.previous) if found.previous else None,
        notices=list(found.notices),
        figures={name: figure(value, before.get(name)) for name, value in values.items()},
        sparklines={
            **{name: SparklineOut(interval=found.interval, values=found.course(name)) for name in _SPARKLINES},
            "alerts": SparklineOut(interval=found.interval, values=_course(opened, found)),
        },
        now=NowOut(
            contacts=found.totals.contacts,
            contacts_unsubscribed=found.totals.contacts_unsubscribed,
            bookings=found.totals.activity.bookings,
            campaigns=found.totals.campaigns,
            campaigns_active=found.totals.campaigns_active,
            email_jobs=found.totals.email_jobs,
            alerts_open=open_alerts,
        ),
        alerts=alerts,
    )


def opened_in(opened: list[datetime], period: Window) -> int:
    """How many alerts opened in a period. Pure."""
    return bisect_left(opened, period.end) - bisect_left(opened, period.start)


def _course(opened: list[datetime], found: Summary) -> list[int]:
    ends = (*found.starts[1:], found.window.end)
    return [opened_in(opened, Window(start, end)) for start, end in zip(found.starts, ends, strict=False)]


def figure(value: float | None, previous: float | None) -> FigureOut:
    """A figure and how it changed. Pure."""
    if value is None or previous is None:
        return FigureOut(value=value, previous=previous, change=None, change_percent=None)
    change = value - previous
    return FigureOut(
        value=value, previous=previous, change=change, change_percent=100 * change / previous if previous else None
    )


def figures_in(found: Summary, period: Window) -> dict[str, float | None]:
    """Every figure of a period that begins and ends with buckets. Pure."""
    made, activity, counts = found.made_in(period), found.activity_in(period), found.channels.counts(period=period)
    return {
        **{name: getattr(made, name) for name in _MADE},
        **{name: getattr(counts, name) for name in _MESSAGES},
        **{name: getattr(activity, name) for name in _ACTIVITY},
        # as in the overview: those marked so, and those who left by themselves after a campaign had reached them
        "campaign_unsubscribed": activity.campaign_unsubscribed + made.unsubscribed_by_campaign,
        "success_rate": success_rate(counts),
        "p95_latency_ms": found.channels.latency(period=period).p95_ms,
    }


def _totals(
    counts: MessageCounts, values: dict[str, float | None], campaigns_active: int, alerts_open: int
) -> SummaryTotalsOut:
    return SummaryTotalsOut(
        outbound_today=counts.outbound,
        delivered_today=counts.delivered,
        failed_today=counts.failed,
        inbound_today=counts.inbound,
        outbound_total=counts.outbound,
        inbound_total=counts.inbound,
        failed_total=counts.failed,
        delivered_total=counts.delivered,
        campaigns=int(values["campaigns"] or 0),
        campaigns_active=campaigns_active,
        email_recipients=int(values["email_recipients"] or 0),
        email_delivered=int(values["email_delivered"] or 0),
        email_failed=int(values["email_failed"] or 0),
        email_read=int(values["email_opened"] or 0),
        alerts_open=alerts_open,
    )
