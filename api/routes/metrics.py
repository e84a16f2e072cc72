"""GET /api/metrics/: the overview of the caller's organization.

Belongs here: the route, and the answer made of the figures. Does not: the figures (warehouse/queries/metrics.py).
"""

from flask import Blueprint

from api.schemas.metrics import (
    AlertCounts,
    CampaignRecipientsOut,
    ChannelOut,
    EmailRecipientsOut,
    LatencyOut,
    MessageCountsOut,
    MetricsOut,
)
from api.schemas.shared import WindowOut, WindowParameters
from api.serving.alert_counts import read_alert_counts
from api.serving.endpoints import lake_endpoint
from api.serving.tables import Table, table_of
from warehouse.queries.measures import MEASURES, ActivityCounts, MessageCounts
from warehouse.queries.metrics import Metrics, Unsubscribed, read_metrics
from warehouse.queries.scope import OrganizationLake

blueprint = Blueprint("metrics", __name__, url_prefix="/api/metrics")


def _table(answer: MetricsOut) -> Table:
    rows = [
        {"channel": channel, "span": span, **getattr(counts, span).model_dump()}
        for channel, counts in answer.channels.items()
        for span in ("total", "window")
    ]
    return table_of(rows, ["channel", "span", *MEASURES])


@lake_endpoint(blueprint, "/", parameters=WindowParameters, answer=MetricsOut, table=_table, is_platforms=True)
def metrics(lake: OrganizationLake, asked: WindowParameters) -> MetricsOut:
    """The overview of the caller's organization.

    Totals cover all that the organization ever had. `channels.*.window` and `callback_latency` cover the window. As
    CSV: a line for each channel in all (`total`) and in the window.
    """
    figures = read_metrics(lake, asked.asked())
    return metrics_out(lake, figures, read_alert_counts(lake.organization), asked)


def metrics_out(lake: OrganizationLake, figures: Metrics, alerts: AlertCounts, asked: WindowParameters) -> MetricsOut:
    """The figures under the names clients read. Pure."""
    total = sum(figures.lifetime.values(), MessageCounts())
    totals, activity = figures.totals, figures.totals.activity
    return MetricsOut(
        contacts=totals.contacts,
        outbound=total.outbound,
        inbound=total.inbound,
        bookings=activity.bookings,
        retrying=total.retrying,
        failed=total.failed,
        today_outbound=figures.today.outbound,
        delivered_today=figures.today.delivered,
        failed_today=figures.today.failed,
        campaigns=totals.campaigns,
        campaigns_active=totals.campaigns_active,
        email_jobs_recipients=activity.email_recipients,
        email_jobs_delivered=activity.email_delivered,
        email_jobs_failed=activity.email_failed,
        email_jobs_read=activity.email_opened,
        alerts_open=sum(counts.open for counts in alerts.values()),
        organization_id=lake.organization.id,
        range=asked.asked().range,
        tz=asked.tz,
        window=WindowOut.of(figures.window),
        notices=list(figures.window.notices),
        contacts_unsubscribed=totals.contacts_unsubscribed,
        email_jobs=totals.email_jobs,
        bookings_cancelled=activity.bookings_cancelled,
        llm_calls=activity.llm_calls,
        llm_failed=activity.llm_failed,
        campaign_recipients=_campaign_recipients(activity, figures.unsubscribed),
        email_recipients=_email_recipients(activity),
        channels={channel: _channel(figures, channel) for channel in figures.channels.points},
        callback_latency={
            channel: LatencyOut.model_validate(figures.channels.latency(channel)) for channel in figures.channels.points
        },
        alerts=alerts,
    )


def _channel(figures: Metrics, channel: str) -> ChannelOut:
    return ChannelOut(
        total=MessageCountsOut.model_validate(figures.lifetime.get(channel, MessageCounts())),
        window=MessageCountsOut.model_validate(figures.channels.counts(channel)),
    )


def _campaign_recipients(activity: ActivityCounts, unsubscribed: Unsubscribed) -> CampaignRecipientsOut:
    return CampaignRecipientsOut(
        total=activity.campaign_recipients,
        queued=activity.campaign_queued,
        sent=activity.campaign_sent,
        delivered=activity.campaign_delivered,
        read=activity.campaign_read,
        failed=activity.campaign_failed,
        unsubscribed=activity.campaign_unsubscribed + unsubscribed.by_campaign,
        unsubscribed_without_campaign=unsubscribed.by_none,
    )


def _email_recipients(activity: ActivityCounts) -> EmailRecipientsOut:
    return EmailRecipientsOut(
        total=activity.email_recipients,
        **{
            name: getattr(activity, f"email_{name}")
            for name in ("queued", "sent", "delivered", "opened", "failed", "skipped", "bounced", "dropped", "spam")
        },
    )
