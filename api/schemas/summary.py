"""The summary's answer.

Belongs here: GET /api/monitoring/summary/. Does not: windows and freshness (shared.py).
"""

from pydantic import BaseModel, Field

from api.schemas.metrics import AlertCounts
from api.schemas.shared import WindowOut
from warehouse.queries.buckets import Interval
from warehouse.queries.window import Range


class SummaryTotalsOut(BaseModel):
    """What today's clients read. The keys in _today and _total carry the same figure, that of the window."""

    outbound_today: int
    delivered_today: int
    failed_today: int
    inbound_today: int
    outbound_total: int
    inbound_total: int
    failed_total: int
    delivered_total: int
    campaigns: int = Field(description="Campaigns made in the window.")
    campaigns_active: int = Field(description="Of these, those that are neither completed nor failed now.")
    email_recipients: int
    email_delivered: int
    email_failed: int
    email_read: int
    alerts_open: int = Field(description="Alerts that are open now.")


class FigureOut(BaseModel):
    """A figure in the window and in the one before it; null where that is not known or nothing can be divided by."""

    value: float | int | None
    previous: float | int | None
    change: float | int | None
    change_percent: float | None


class SparklineOut(BaseModel):
    """A figure's course: one value a bucket of the window, from its start on."""

    interval: Interval
    values: list[int]


class NowOut(BaseModel):
    """What an organization has at `as_of`, whatever the window."""

    contacts: int
    contacts_unsubscribed: int
    bookings: int
    campaigns: int
    campaigns_active: int
    email_jobs: int
    alerts_open: int


class SummaryOut(BaseModel):
    """The figures of a window, beside those of the window before it."""

    totals: SummaryTotalsOut
    success_rate: float = Field(description="Delivered of outbound messages, in per cent; 0 when there are none.")
    average_response_ms: int | None = Field(description="Mean callback latency in whole ms; null where none is known.")
    organization_id: int
    range: Range | None
    tz: str
    window: WindowOut
    previous: WindowOut | None
    notices: list[str]
    figures: dict[str, FigureOut]
    sparklines: dict[str, SparklineOut]
    now: NowOut
    alerts: AlertCounts
