"""GET /api/monitoring/campaigns/ and /email-jobs/: lists, and one by its id.

Belongs here: the routes, and the answers made of the figures. Does not: the figures (warehouse/queries/sendings.py,
recipients.py).
"""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint
from pydantic import BaseModel

from api.schemas.details import ReasonOut
from api.schemas.sendings import (
    CampaignOut,
    CampaignsOut,
    CampaignsParameters,
    EmailJobOut,
    EmailJobsOut,
    EmailJobsParameters,
    OneCampaignOut,
    OneEmailJobOut,
    OneSendingParameters,
    RecipientPointOut,
    SendingParameters,
)
from api.schemas.shared import WindowOut
from api.serving.answers import Paged
from api.serving.endpoints import lake_endpoint
from api.serving.errors import ApiError
from api.serving.paging import list_headers
from api.serving.tables import Table, table_of
from warehouse.failure_reasons import Reason
from warehouse.queries.failures import top_reasons
from warehouse.queries.newest import position_of
from warehouse.queries.recipients import read_course
from warehouse.queries.scope import OrganizationLake
from warehouse.queries.sendings import (
    CAMPAIGN,
    EMAIL_JOB,
    Kind,
    Sending,
    SendingFilter,
    SendingPage,
    find_sending,
    read_jobs_of,
    read_sendings,
)
from warehouse.queries.span import span_of

campaign_blueprint = Blueprint("campaigns", __name__, url_prefix="/api/monitoring/campaigns")
email_job_blueprint = Blueprint("email_jobs", __name__, url_prefix="/api/monitoring/email-jobs")

GREATEST_ID = 2**63 - 1
_NOT_FOUND = {404: "The organization has none of this id."}


def _list_table(kind: Kind, answer: CampaignsOut | EmailJobsOut) -> Table:
    """A line for each: its own values, its counts, its rates in per cent."""
    rows: list[dict[str, object]] = []
    for one in answer.results:
        plain = one.model_dump(exclude={"recipients", "rates"})
        rates = {f"{name}_rate": rate["value"] for name, rate in one.rates.model_dump().items()}
        rows.append({**plain, **one.recipients.model_dump(), **rates})
    out = CampaignOut if kind is CAMPAIGN else EmailJobOut
    plain_names = [name for name in out.model_fields if name not in ("recipients", "rates")]
    return table_of(rows, [*plain_names, *kind.counts, *(f"{rate}_rate" for rate in kind.rates)])


def _campaigns_table(answer: CampaignsOut) -> Table:
    return _list_table(CAMPAIGN, answer)


def _email_jobs_table(answer: EmailJobsOut) -> Table:
    return _list_table(EMAIL_JOB, answer)


def _course_table(answer: OneCampaignOut | OneEmailJobOut) -> Table:
    return table_of([point.model_dump() for point in answer.time_series], list(RecipientPointOut.model_fields))


@lake_endpoint(campaign_blueprint, "/", parameters=CampaignsParameters, answer=CampaignsOut, table=_campaigns_table)
def campaigns(lake: OrganizationLake, asked: CampaignsParameters) -> Paged:
    """Campaigns with what became of their recipients.

    Recipients are counted whenever they were written; each rate says what it is of. `X-Total-Count` and `Link` tell of
    the other pages; newest first, `next_cursor` (and `Link`) goes on where this page ends, whatever arrives meanwhile.
    As CSV: a line for each campaign.
    """
    found = _listed(lake, CAMPAIGN, asked, asked.sort)
    results = [CampaignOut.model_validate(_plain(one)) for one in found.results]
    answer = CampaignsOut(results=results, sort=asked.sort, **_page_values(asked, found))
    return _page_of(answer, asked, found)


@lake_endpoint(email_job_blueprint, "/", parameters=EmailJobsParameters, answer=EmailJobsOut, table=_email_jobs_table)
def email_jobs(lake: OrganizationLake, asked: EmailJobsParameters) -> Paged:
    """E-mail jobs with what became of their recipients.

    Recipients are counted, whoever opened once; opens by machines are not told apart. `X-Total-Count` and `Link` tell
    of the other pages; newest first, `next_cursor` (and `Link`) goes on where this page ends, whatever arrives
    meanwhile. As CSV: a line for each job.
    """
    found = _listed(lake, EMAIL_JOB, asked, asked.sort, asked.campaign_id)
    results = [EmailJobOut.model_validate(_plain(one)) for one in found.results]
    answer = EmailJobsOut(results=results, sort=asked.sort, **_page_values(asked, found))
    return _page_of(answer, asked, found)


@lake_endpoint(
    campaign_blueprint,
    "/<int:id_>/",
    parameters=OneSendingParameters,
    answer=OneCampaignOut,
    table=_course_table,
    statuses=_NOT_FOUND,
)
def campaign(lake: OrganizationLake, asked: OneSendingParameters, id_: int) -> OneCampaignOut:
    """One campaign, over time, and why some of its recipients failed.

    `time_series` counts recipients by the time they were written: over the campaign's life, or the window that is asked
    for. As CSV: a line for each bucket.
    """
    one = _found(lake, CAMPAIGN, id_)
    jobs = [vars(job) for job in read_jobs_of(lake, id_)]
    return OneCampaignOut.model_validate({**_plain(one), **_course(lake, CAMPAIGN, one, asked), "email_jobs": jobs})


@lake_endpoint(
    email_job_blueprint,
    "/<int:id_>/",
    parameters=OneSendingParameters,
    answer=OneEmailJobOut,
    table=_course_table,
    statuses=_NOT_FOUND,
)
def email_job(lake: OrganizationLake, asked: OneSendingParameters, id_: int) -> OneEmailJobOut:
    """One e-mail job, over time, and why some of its recipients failed.

    `time_series` counts recipients by the time they were written: over the job's life, or the window that is asked for.
    As CSV: a line for each bucket.
    """
    one = _found(lake, EMAIL_JOB, id_)
    return OneEmailJobOut.model_validate({**_plain(one), **_course(lake, EMAIL_JOB, one, asked)})


def _listed(
    lake: OrganizationLake, kind: Kind, asked: SendingParameters, sort: str, campaign_id: int | None = None
) -> SendingPage:
    wanted = SendingFilter(
        status=asked.status,
        channel=asked.channel,
        text=asked.q,
        campaign_id=campaign_id,
        made=span_of(asked.asked(), lake.as_of, lake.held),
    )
    after = position_of(asked.cursor) if asked.cursor else None
    return read_sendings(lake, kind, wanted, sort=sort, limit=asked.limit, offset=asked.offset, after=after)


def _page_values(asked: SendingParameters, found: SendingPage) -> dict[str, Any]:
    return {"total": found.total, "limit": asked.limit, "offset": asked.offset, "next_cursor": _cursor(found)}


def _page_of(answer: BaseModel, asked: SendingParameters, found: SendingPage) -> Paged:
    return Paged(answer, list_headers(found.total, asked.limit, asked.offset, _cursor(found)))


def _cursor(found: SendingPage) -> str | None:
    return str(found.next) if found.next else None


def _found(lake: OrganizationLake, kind: Kind, id_: int) -> Sending:
    one = find_sending(lake, kind, id_) if id_ <= GREATEST_ID else None
    if one is None:
        # The same for what another organization has: whether there is one is nobody else's business.
        raise ApiError(404, f"There is no {kind.one.replace('_', '-')} {id_}.")
    return one


def _plain(one: Sending) -> dict[str, Any]:
    return {
        **vars(one),
        "recipients": dict(one.recipients),
        "rates": {name: vars(rate) for name, rate in one.rates.items()},
    }


def _course(lake: OrganizationLake, kind: Kind, one: Sending, asked: OneSendingParameters) -> dict[str, Any]:
    course = read_course(lake, kind, one, asked.asked(), asked.interval)
    return {
        "tz": asked.tz,
        "interval": course.interval,
        "window": WindowOut.of(course.window) if course.window else None,
        "notices": list(course.notices),
        "time_series": _points(course.points),
        "failure_reasons": [ReasonOut.model_validate(reason) for reason in top_reasons(course.failures, len(Reason))],
    }


def _points(points: Sequence[object]) -> list[RecipientPointOut]:
    # The values are counts of ours: checking thousands of them again would take longer than reading them.
    return [RecipientPointOut.model_construct(**vars(point)) for point in points]
