"""Campaigns and e-mail jobs: parameters and answers.

Belongs here: GET /api/monitoring/campaigns/ and /email-jobs/. Does not: paging's headers (api/serving/paging.py).
"""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas.details import ReasonOut
from api.schemas.metrics import EmailRecipientsOut
from api.schemas.shared import NEXT, ChannelName, Moment, SeriesParameters, SpanParameters, WindowOut
from warehouse.queries.buckets import Interval
from warehouse.queries.newest import POSITION
from warehouse.queries.sendings import NEWEST_FIRST
from warehouse.queries.window import Asked

CampaignSort = Literal[
    "name", "-name", "created_at", "-created_at", "recipients", "-recipients", "delivered_rate", "-delivered_rate",
    "read_rate", "-read_rate", "failed_rate", "-failed_rate", "unsubscribed_rate", "-unsubscribed_rate",
]  # fmt: skip
EmailJobSort = Literal[
    "name", "-name", "created_at", "-created_at", "recipients", "-recipients", "delivered_rate", "-delivered_rate",
    "opened_rate", "-opened_rate", "failed_rate", "-failed_rate", "bounced_rate", "-bounced_rate",
    "spam_rate", "-spam_rate",
]  # fmt: skip


class SendingParameters(SpanParameters):
    """Parameters of a list of campaigns or e-mail jobs; the span is that in which they were made."""

    limit: int = Field(50, ge=1, le=200, description="Most that are answered.")
    offset: int = Field(
        0, ge=0, le=10_000_000, description="How many are left out before them; a new one moves all that follow."
    )
    cursor: str | None = Field(
        None, pattern=f"^{POSITION}$", description=f"{NEXT} With `sort=-created_at`, and without `offset`."
    )
    status: str | None = Field(
        None, min_length=1, max_length=32, description="Only of this status, as the platform says it."
    )
    channel: ChannelName | None = Field(None, description="Only of this channel.")
    q: str | None = Field(
        None, min_length=1, max_length=100, description="Only whose name holds this text, in any case."
    )


def _cursor_fits(cursor: str | None, offset: int, sort: str) -> None:
    if cursor is not None and (offset or sort != NEWEST_FIRST):
        raise ValueError("`cursor` goes with `sort=-created_at` and without `offset`; page by `offset` in other orders")


class CampaignsParameters(SendingParameters):
    """Parameters of GET /api/monitoring/campaigns/."""

    sort: CampaignSort = Field(
        "-created_at", description="Order; `-` is descending. Ties go by id, unknown rates last."
    )

    @model_validator(mode="after")
    def _cursor_has_its_order(self) -> Self:
        _cursor_fits(self.cursor, self.offset, self.sort)
        return self


class EmailJobsParameters(SendingParameters):
    """Parameters of GET /api/monitoring/email-jobs/."""

    sort: EmailJobSort = Field(
        "-created_at", description="Order; `-` is descending. Ties go by id, unknown rates last."
    )
    campaign_id: int | None = Field(None, ge=1, le=2**63 - 1, description="Only those of this campaign.")

    @model_validator(mode="after")
    def _cursor_has_its_order(self) -> Self:
        _cursor_fits(self.cursor, self.offset, self.sort)
        return self


class OneSendingParameters(SeriesParameters):
    """Parameters of one campaign or e-mail job. Without a window, its time-series covers all of its recipients."""

    def asked(self) -> Asked:
        """The window that is asked for; the whole life where none is."""
        return super().asked() if self.range or self.from_ else Asked(None, zone=super().asked().zone)


class RateOut(BaseModel):
    """A count in per cent (0 to 100) of `of`; null where that is 0."""

    model_config = ConfigDict(from_attributes=True)

    value: float | None
    of: int


class OneCampaignRecipientsOut(BaseModel):
    """A campaign's recipients; `sent` includes delivered, `delivered` includes read.

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


class CampaignRatesOut(BaseModel):
    """`delivered` and `failed` are of those that were sent to (sent + failed), `read` of those sent, `unsubscribed` of
    those that were reached (sent, or marked as unsubscribed)."""

    delivered: RateOut
    read: RateOut
    failed: RateOut
    unsubscribed: RateOut


class EmailJobRatesOut(BaseModel):
    """`opened` is of those sent, all others of those that were sent to (sent + failed)."""

    delivered: RateOut
    opened: RateOut
    failed: RateOut
    bounced: RateOut
    spam: RateOut


class CampaignOut(BaseModel):
    """A campaign, and what became of its recipients."""

    id: int
    name: str
    channel: str
    status: str
    created_at: Moment
    recipients: OneCampaignRecipientsOut
    rates: CampaignRatesOut


class EmailJobOut(BaseModel):
    """An e-mail job, and what became of its recipients; `name` is its subject."""

    id: int
    name: str
    channel: str
    status: str
    created_at: Moment
    started_at: Moment | None
    completed_at: Moment | None
    campaign_id: int | None
    recipients: EmailRecipientsOut
    rates: EmailJobRatesOut


class CampaignsOut(BaseModel):
    """A page of campaigns; `total` counts those of all pages.

    `next_cursor` is null on the last page, and in any order but the newest first.
    """

    results: list[CampaignOut]
    total: int
    limit: int
    offset: int
    sort: CampaignSort
    next_cursor: str | None


class EmailJobsOut(BaseModel):
    """A page of e-mail jobs; `total` counts those of all pages.

    `next_cursor` is null on the last page, and in any order but the newest first.
    """

    results: list[EmailJobOut]
    total: int
    limit: int
    offset: int
    sort: EmailJobSort
    next_cursor: str | None


class RecipientPointOut(BaseModel):
    """Recipients that were written in one bucket, by what became of them since; `at` is its start."""

    model_config = ConfigDict(from_attributes=True)

    at: Moment
    outbound: int = Field(description="All of them.")
    queued: int
    sent: int
    delivered: int
    read: int = Field(description="Read or, of e-mails, opened.")
    failed: int
    skipped: int
    unsubscribed: int


class CourseOut(BaseModel):
    """One campaign's or e-mail job's recipients over time, and why some failed."""

    tz: str
    interval: Interval
    window: WindowOut | None = Field(description="What the time-series covers; null where no day of it is kept.")
    notices: list[str]
    time_series: list[RecipientPointOut]
    failure_reasons: list[ReasonOut] = Field(description="Of all its failed recipients, whatever the window.")


class CampaignJobOut(BaseModel):
    """An e-mail job of a campaign."""

    id: int
    name: str
    status: str
    created_at: Moment


class OneCampaignOut(CourseOut, CampaignOut):
    """One campaign: what became of its recipients, over time, and why some failed."""

    email_jobs: list[CampaignJobOut]


class OneEmailJobOut(CourseOut, EmailJobOut):
    """One e-mail job: what became of its recipients, over time, and why some failed."""
