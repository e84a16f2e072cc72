"""GET /api/monitoring/summary/ and /details/: a window in figures, and channel by channel.

Belongs here: the routes, and the answers made of the figures. Does not: the figures (warehouse/queries/).
"""

from bisect import bisect_left
from datetime import datetime

from flask import Blueprint

from api.schemas.alerts import AlertOut
from api.schemas.details import (
    BarOut,
    ChannelLatencyOut,
    DetailsOut,
    DetailsParameters,
    DetailsSummaryOut,
    EmailRecipientTotalsOut,
    LatencyPointOut,
    PerChannelOut,
    PointOut,
    ReasonOut,
    TopReasonsOut,
)
from api.schemas.metrics import AlertCounts
from api.schemas.shared import WindowOut, WindowParameters
from api.schemas.summary import FigureOut, NowOut, SparklineOut, SummaryOut, SummaryTotalsOut
from api.serving.alert_counts import read_alert_counts, read_alert_openings, read_recent_alerts
from api.serving.endpoints import lake_endpoint
from api.serving.tables import Table, table_of
from warehouse.queries.channels import ChannelSeries, Point
from warehouse.queries.details import Details, read_details
from warehouse.queries.failures import by_channel, reason_counts, top_reasons
from warehouse.queries.latency import histogram
from warehouse.queries.measures import MessageCounts, success_rate
from warehouse.queries.scope import OrganizationLake
from warehouse.queries.summary import Summary, read_summary
from warehouse.queries.window import Window

blueprint = Blueprint("monitoring", __name__, url_prefix="/api/monitoring")

_MESSAGES = ("inbound", "outbound", "sent", "delivered", "read", "failed", "callbacks", "callback_errors")
_ACTIVITY = (
    "bookings", "bookings_cancelled", "llm_calls", "llm_failed",
    "campaign_recipients", "campaign_sent", "campaign_delivered", "campaign_read", "campaign_failed",
    "campaign_unsubscribed",
    "email_recipients", "email_sent", "email_delivered", "email_opened", "email_failed", "email_skipped",
    "email_bounced", "email_dropped", "email_spam",
)  # fmt: skip
_MADE = ("contacts", "campaigns", "email_jobs", "unsubscribed")
_POINT = tuple(name for name in PointOut.model_fields if name != "at")
_SPARKLINES = ("contacts", "bookings", "inbound", "outbound", "failed", "campaigns", "email_jobs", "email_recipients")


def _figures_table(answer: SummaryOut) -> Table:
    rows = [{"figure": name, **figure.model_dump()} for name, figure in answer.figures.items()]
    return table_of(rows, ["figure", *FigureOut.model_fields])


@lake_endpoint(blueprint, "/summary/", parameters=WindowParameters, answer=SummaryOut, table=_figures_table)
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
    open_alerts = sum(severity.open for severity in alerts.values())
    return SummaryOut(
        totals=_totals(counts, values, found.totals.campaigns_active, open_alerts),
        success_rate=success_rate(counts),
        average_response_ms=found.channels.mean_latency_ms(period=found.window),
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


def _series_table(answer: DetailsOut) -> Table:
    rows = [
        {"channel": channel, **point.model_dump()} for channel, points in answer.time_series.items() for point in points
    ]
    return table_of(rows, ["channel", *PointOut.model_fields])


@lake_endpoint(blueprint, "/details/", parameters=DetailsParameters, answer=DetailsOut, table=_series_table)
def details(lake: OrganizationLake, asked: DetailsParameters) -> DetailsOut:
    """A window, channel by channel.

    Time-series whose empty buckets are zeros, the commonest failure reasons with the masked texts under them, callback
    latency over time and as a histogram. `notices` say where the answer differs from what was asked for: figures of old
    days are kept by hour or day only. As CSV: a line for each channel and bucket.
    """
    found = read_details(lake, asked.asked(), asked.interval)
    recent = read_recent_alerts(lake.organization, asked.channel)
    opened = read_alert_openings(lake.organization, found.window)
    return details_out(lake, found, recent, len(opened), asked)


def details_out(
    lake: OrganizationLake, found: Details, recent: list[AlertOut], alerts_opened: int, asked: DetailsParameters
) -> DetailsOut:
    """The figures under the names clients read. Pure."""
    failures = by_channel([f for f in found.failures if asked.channel in (None, f.channel)])
    chosen = {name: points for name, points in found.channels.points.items() if asked.channel in (None, name)}
    return DetailsOut(
        per_channel={name: _per_channel(found.channels.counts(name)) for name in found.channels.points},
        summary=_details_summary(found, alerts_opened, asked),
        failure_reasons=reason_counts([failure for each in failures.values() for failure in each]),
        organization_id=lake.organization.id,
        range=asked.asked().range,
        tz=asked.tz,
        interval=found.interval,
        window=WindowOut.of(found.window),
        notices=list(found.notices),
        time_series={name: [_point(point) for point in points] for name, points in chosen.items()},
        top_failure_reasons={
            name: TopReasonsOut(
                total=sum(failure.count for failure in failures.get(name, [])),
                reasons=[ReasonOut.model_validate(reason) for reason in top_reasons(failures.get(name, []), asked.top)],
            )
            for name in chosen
        },
        callback_latency={name: _latency(found.channels, name) for name in chosen},
        recent_alerts=recent,
    )


def _details_summary(found: Details, alerts_opened: int, asked: DetailsParameters) -> DetailsSummaryOut:
    counts, latency = found.channels.counts(asked.channel), found.channels.latency(asked.channel)
    return DetailsSummaryOut(
        outbound=counts.outbound,
        inbound=counts.inbound,
        callback_errors=counts.callback_errors,
        booking_failures=found.activity.bookings_cancelled,
        ai_failures=found.activity.llm_failed,
        avg_callback_latency_ms=latency.avg_ms or 0.0,
        p50_latency_ms=latency.p50_ms or 0.0,
        p95_latency_ms=latency.p95_ms or 0.0,
        p99_latency_ms=latency.p99_ms or 0.0,
        campaigns_today=found.campaigns,
        email_recipients=EmailRecipientTotalsOut(
            total=found.activity.email_recipients,
            delivered=found.activity.email_delivered,
            failed=found.activity.email_failed,
            read=found.activity.email_opened,
        ),
        alerts_today=alerts_opened,
    )


def _per_channel(counts: MessageCounts) -> PerChannelOut:
    return PerChannelOut(
        total=counts.outbound, delivered=counts.delivered, failed=counts.failed, success_rate=success_rate(counts)
    )


def _point(point: Point) -> PointOut:
    counts = point.counts
    # The values are counts of ours: checking ten thousand of them again would take longer than reading them.
    return PointOut.model_construct(at=point.at, **{name: getattr(counts, name) for name in _POINT})


def _latency(channels: ChannelSeries, channel: str) -> ChannelLatencyOut:
    return ChannelLatencyOut(
        **vars(channels.latency(channel)),
        over_time=[
            LatencyPointOut.model_construct(
                at=point.at, count=latency.count, p50_ms=latency.p50_ms, p95_ms=latency.p95_ms, p99_ms=latency.p99_ms
            )
            for point, latency in zip(channels.points[channel], channels.latencies(channel), strict=True)
        ],
        histogram=[BarOut.model_validate(bar) for bar in histogram(channels.sketch(channel))],
    )
