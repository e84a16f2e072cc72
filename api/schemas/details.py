"""The details' parameters and answer.

Belongs here: GET /api/monitoring/details/. Does not: windows and freshness (shared.py).
"""

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.alerts import AlertOut
from api.schemas.metrics import LatencyOut
from api.schemas.shared import ChannelName, Moment, SeriesParameters, WindowOut
from warehouse.queries.buckets import Interval
from warehouse.queries.window import Range


class DetailsParameters(SeriesParameters):
    """Parameters of GET /api/monitoring/details/."""

    channel: ChannelName | None = Field(None, description="Only this channel; `per_channel` names the others anyway.")
    top: int = Field(5, ge=1, le=50, description="Failure reasons a channel.")


class PerChannelOut(BaseModel):
    """One channel in the window, as today's clients read it."""

    total: int
    delivered: int
    failed: int
    success_rate: float = Field(description="Delivered of total, in per cent; 0 when there are none.")


class EmailRecipientTotalsOut(BaseModel):
    """Recipients of e-mail jobs."""

    total: int
    delivered: int
    failed: int
    read: int


class DetailsSummaryOut(BaseModel):
    """The window in all, as today's clients read it. Latencies are 0 where none is known."""

    outbound: int
    inbound: int
    callback_errors: int
    booking_failures: int = Field(description="Bookings made in the window that were cancelled.")
    ai_failures: int
    avg_callback_latency_ms: float
    p50_latency_ms: float
    p95_latency_ms: float
    p99_latency_ms: float
    campaigns_today: int = Field(description="Campaigns made in the window.")
    email_recipients: EmailRecipientTotalsOut
    alerts_today: int = Field(description="Alerts raised in the window.")


class PointOut(BaseModel):
    """One bucket of one channel; `at` is its start."""

    at: Moment
    outbound: int
    sent: int
    delivered: int
    read: int
    failed: int
    inbound: int
    callbacks: int
    callback_errors: int


class TemplateOut(BaseModel):
    """A masked error text; empty where the provider gave none."""

    model_config = ConfigDict(from_attributes=True)

    template: str
    count: int


class ReasonOut(BaseModel):
    """A normalized failure reason, its share of the channel's failures (0 to 1), and its commonest masked texts."""

    model_config = ConfigDict(from_attributes=True)

    reason: str
    count: int
    share: float
    templates: list[TemplateOut]


class TopReasonsOut(BaseModel):
    """Failures of a channel, and its commonest reasons."""

    total: int
    reasons: list[ReasonOut]


class LatencyPointOut(BaseModel):
    """Latency in one bucket; `at` is its start."""

    at: Moment
    count: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


class BarOut(BaseModel):
    """Callbacks with a latency in (from_ms, to_ms]; the last bar has no upper bound."""

    model_config = ConfigDict(from_attributes=True)

    from_ms: int
    to_ms: int | None
    count: int


class ChannelLatencyOut(LatencyOut):
    """Latency of a channel in the window, over time, and as a histogram."""

    over_time: list[LatencyPointOut]
    histogram: list[BarOut]


class DetailsOut(BaseModel):
    """A window, channel by channel."""

    per_channel: dict[str, PerChannelOut]
    summary: DetailsSummaryOut
    failure_reasons: dict[str, int]
    organization_id: int
    range: Range | None
    tz: str
    interval: Interval
    window: WindowOut
    notices: list[str]
    time_series: dict[str, list[PointOut]]
    top_failure_reasons: dict[str, TopReasonsOut]
    callback_latency: dict[str, ChannelLatencyOut]
    recent_alerts: list[AlertOut]
