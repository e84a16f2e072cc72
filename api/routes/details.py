"""GET /api/monitoring/details/: a window, channel by channel.

Belongs here: the route, and the answer made of the figures. Does not: the figures (warehouse/queries/details.py).
"""

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
from api.schemas.shared import WindowOut
from api.serving.alert_counts import read_alert_openings, read_recent_alerts
from api.serving.endpoints import lake_endpoint
from api.serving.tables import Table, table_of
from warehouse.queries.channels import ChannelSeries, Point
from warehouse.queries.details import Details, read_details
from warehouse.queries.failures import by_channel, reason_counts, top_reasons
from warehouse.queries.latency import histogram
from warehouse.queries.measures import MessageCounts, success_rate
from warehouse.queries.scope import OrganizationLake

blueprint = Blueprint("details", __name__, url_prefix="/api/monitoring")

_POINT = tuple(name for name in PointOut.model_fields if name != "at")


def _series_table(answer: DetailsOut) -> Table:
    rows = [
        {"channel": channel, **point.model_dump()} for channel, points in answer.time_series.items() for point in points
    ]
    return table_of(rows, ["channel", *PointOut.model_fields])


@lake_endpoint(
    blueprint, "/details/", parameters=DetailsParameters, answer=DetailsOut, table=_series_table, is_platforms=True
)
def details(lake: OrganizationLake, asked: DetailsParameters) -> DetailsOut:
    """A window, channel by channel.

    Time-series whose empty buckets are zeros, the commonest failure reasons with the masked texts under them, callback
    latency over time and as a histogram. `notices` say where the answer differs from what was asked for: figures of old
    days are kept by hour or day only. As CSV: a line for each channel and bucket.
    """
    found = read_details(lake, asked.asked(), asked.interval, asked.channel)
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
