"""GET /api/metrics/: the overview of the caller's organization.

Belongs here: the route, and the answer made of the figures. Does not: the figures (warehouse/queries/metrics.py).
"""

from datetime import UTC, datetime

from flask import Blueprint, Response

from api.access import caller, lake
from api.alert_counts import read_alert_counts
from api.answers import age_seconds, answer
from api.parameters import parameters
from api.schemas import (
    AlertCounts,
    CampaignRecipientsOut,
    ChannelOut,
    EmailRecipientsOut,
    LatencyOut,
    MessageCountsOut,
    MetricsOut,
    MetricsParameters,
    WindowOut,
)
from warehouse.queries.measures import MessageCounts
from warehouse.queries.metrics import Metrics, RecipientCounts, read_metrics
from warehouse.queries.scope import Organization
from warehouse.queries.window import Range

blueprint = Blueprint("metrics", __name__, url_prefix="/api/metrics")


@blueprint.get("/")
def metrics() -> Response:
    """The overview, with windowed parts over `range`."""
    organization = caller().organization
    asked = parameters(MetricsParameters)
    with lake() as reader:
        figures = read_metrics(reader, organization, asked.range)
    alerts = read_alert_counts(organization)
    return answer(metrics_out(organization, figures, alerts, asked.range, datetime.now(UTC)))


def metrics_out(
    organization: Organization, figures: Metrics, alerts: AlertCounts, range_: Range, now: datetime
) -> MetricsOut:
    """The figures under the names clients read. Pure."""
    total = sum(figures.lifetime.values(), MessageCounts())
    emails = figures.email_recipients
    return MetricsOut(
        contacts=figures.totals.contacts,
        outbound=total.outbound,
        inbound=total.inbound,
        bookings=figures.activity.bookings,
        retrying=total.retrying,
        failed=total.failed,
        today_outbound=figures.today.outbound,
        delivered_today=figures.today.delivered,
        failed_today=figures.today.failed,
        campaigns=figures.totals.campaigns,
        campaigns_active=figures.totals.campaigns_active,
        email_jobs_recipients=emails.total,
        email_jobs_delivered=emails.delivered,
        email_jobs_failed=emails.failed,
        email_jobs_read=emails.opened,
        alerts_open=sum(counts.open for counts in alerts.values()),
        organization_id=organization.id,
        as_of=figures.as_of,
        age_seconds=age_seconds(figures.as_of, now),
        range=range_,
        window=WindowOut(start=figures.window_start, end=figures.window_end),
        contacts_unsubscribed=figures.totals.contacts_unsubscribed,
        email_jobs=figures.totals.email_jobs,
        bookings_cancelled=figures.activity.bookings_cancelled,
        llm_calls=figures.activity.llm_calls,
        llm_failed=figures.activity.llm_failed,
        campaign_recipients=_campaign_recipients(figures.campaign_recipients),
        email_recipients=EmailRecipientsOut.model_validate(emails),
        channels={
            channel: ChannelOut(
                total=MessageCountsOut.model_validate(counts),
                window=MessageCountsOut.model_validate(figures.window.get(channel, MessageCounts())),
            )
            for channel, counts in figures.lifetime.items()
        },
        callback_latency={channel: LatencyOut.model_validate(latency) for channel, latency in figures.latency.items()},
        alerts=alerts,
    )


def _campaign_recipients(counts: RecipientCounts) -> CampaignRecipientsOut:
    delivered = counts.delivered + counts.read
    sent = counts.sent + delivered
    return CampaignRecipientsOut(
        total=counts.queued + sent + counts.failed + counts.unsubscribed,
        queued=counts.queued,
        sent=sent,
        delivered=delivered,
        read=counts.read,
        failed=counts.failed,
        unsubscribed=counts.unsubscribed + counts.unsubscribed_later,
        unsubscribed_without_campaign=counts.unsubscribed_without_campaign,
    )
