"""The overview's answer, and the counts that other answers share with it.

Belongs here: GET /api/metrics/, /healthz and /readyz. Does not: windows and freshness (shared.py).
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from api.schemas.shared import Moment, WindowOut
from warehouse.queries.window import Range

Severity = Literal["info", "warn", "critical"]
"""How bad an alert is, mildest first."""


class MessageCountsOut(BaseModel):
    """Messages of one channel; `sent` includes delivered, `delivered` includes read."""

    model_config = ConfigDict(from_attributes=True)

    outbound: int
    inbound: int
    queued: int
    sent: int
    delivered: int
    read: int
    failed: int
    skipped: int
    retrying: int
    callbacks: int
    callback_errors: int


class LatencyOut(BaseModel):
    """Callback latency in ms over the window; null where none is known."""

    model_config = ConfigDict(from_attributes=True)

    count: int
    avg_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


class ChannelOut(BaseModel):
    """One channel: all it ever had, and the window."""

    total: MessageCountsOut
    window: MessageCountsOut


class CampaignRecipientsOut(BaseModel):
    """Recipients of campaigns; `sent` includes delivered, `delivered` includes read.

    `unsubscribed` counts those marked so and those who unsubscribed later, attributed to the campaign that reached them
    last before.
    """

    total: int
    queued: int
    sent: int
    delivered: int
    read: int
    failed: int
    unsubscribed: int
    unsubscribed_without_campaign: int


class EmailRecipientsOut(BaseModel):
    """Recipients of e-mail jobs; `sent` includes delivered, `delivered` includes opened; who opened counts once."""

    model_config = ConfigDict(from_attributes=True)

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


class AlertCountsOut(BaseModel):
    """Alerts by status."""

    open: int = 0
    acked: int = 0
    resolved: int = 0


AlertCounts = dict[Severity, AlertCountsOut]
"""Alerts by severity and status, always all three severities."""


class MetricsOut(BaseModel):
    """The overview of one organization. The keys of today's clients come first; the rest stands beside them."""

    contacts: int
    outbound: int
    inbound: int
    bookings: int
    retrying: int
    failed: int
    today_outbound: int
    delivered_today: int
    failed_today: int
    campaigns: int
    campaigns_active: int
    email_jobs_recipients: int
    email_jobs_delivered: int
    email_jobs_failed: int
    email_jobs_read: int
    alerts_open: int

    organization_id: int
    range: Range | None
    tz: str
    window: WindowOut
    notices: list[str]
    contacts_unsubscribed: int
    email_jobs: int
    bookings_cancelled: int
    llm_calls: int
    llm_failed: int
    campaign_recipients: CampaignRecipientsOut
    email_recipients: EmailRecipientsOut
    channels: dict[str, ChannelOut]
    callback_latency: dict[str, LatencyOut]
    alerts: AlertCounts


class AliveOut(BaseModel):
    """What /healthz answers."""

    status: str


class ReadyOut(BaseModel):
    """What /readyz answers: the moments that figures and members stand for, and the source rows that can't be used.

    `set_aside` counts these rows, `first_set_aside` names one by table and id, and why; `damaged_files` counts the
    files of the lake that are known to be damaged, `first_damaged` names one and what is wrong with it.
    """

    status: str
    as_of: Moment
    age_seconds: float
    members_as_of: Moment
    set_aside: int
    first_set_aside: str | None
    damaged_files: int
    first_damaged: str | None
