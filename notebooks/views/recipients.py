"""Campaigns and e-mail jobs: what became of their recipients, as a list and one by one.

Belongs here: figures of the API to tables, rates and charts. Does not: asking for them (sendings.py).
A rate is shown with what it is a percentage of; an unsubscribe counts for the campaign that reached the contact last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from notebooks.client.page import Page
from notebooks.look import message_charts
from notebooks.look.filters import Selection
from notebooks.look.numbers import MISSING, count, moment, percent
from notebooks.look.palette import MUTED, STATUSES
from notebooks.look.panels import channel_chip, drawn, grid, panel, pill, rates, status_legend, table
from notebooks.look.states import empty
from notebooks.look.words import INTERVALS, plain, reason

Sending = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """Campaign or e-mail job: its page, its states with colours, the filter that finds its messages, and orders of its own.

    `path` is where its page is, and its list under the API's `/api/monitoring`.
    """

    path: str
    title: str
    states: tuple[tuple[str, str, str], ...]
    message_filter: str
    platform_path: str
    sorts: Mapping[str, str]


CAMPAIGN = Kind(
    "/campaigns",
    "Campaign",
    (
        ("sent", "Sent", STATUSES["sent"].css),
        ("delivered", "Delivered", STATUSES["delivered"].css),
        ("read", "Opened", STATUSES["read"].css),
        ("failed", "Failed", STATUSES["failed"].css),
        ("unsubscribed", "Unsubscribed", MUTED.css),
    ),
    "campaign_id",
    "campaigns",
    {"-unsubscribed_rate": "Most unsubscribed", "-read_rate": "Most opened"},
)
EMAIL_JOB = Kind(
    "/email-jobs",
    "E-mail job",
    (
        ("sent", "Sent", STATUSES["sent"].css),
        ("delivered", "Delivered", STATUSES["delivered"].css),
        ("opened", "Opened", STATUSES["read"].css),
        ("failed", "Failed", STATUSES["failed"].css),
        ("bounced", "Bounced", STATUSES["failed"].css),
        ("dropped", "Dropped", STATUSES["failed"].css),
        ("spam", "Spam reports", STATUSES["failed"].css),
        ("skipped", "Skipped", MUTED.css),
    ),
    "email_job_id",
    "email-jobs",
    {"-bounced_rate": "Most bounced", "-opened_rate": "Most opened"},
)
KINDS = {kind.path: kind for kind in (CAMPAIGN, EMAIL_JOB)}
LISTED = {"sent", "delivered", "read", "opened", "failed", "unsubscribed", "bounced"}
SORTS = {
    "-created_at": "Newest first",
    "name": "Name",
    "-recipients": "Most recipients",
    "-failed_rate": "Most failed",
    "delivered_rate": "Least delivered",
}


def sending_table(page: Page, kind: Kind, results: Sequence[Sending], selection: Selection) -> str:
    """One row a campaign or job, newest first."""
    states = [state for state in kind.states if state[0] in LISTED]
    columns = [
        ("name", kind.title), ("status", "Status"), ("created", "Created"), ("total#", "Recipients"),
        *((f"{code}#", name) for code, name, _ in states),
    ]  # fmt: skip
    return table(columns, [_row(page, kind, one, selection, states) for one in results], f"{kind.title}s")


def _row(page: Page, kind: Kind, one: Sending, selection: Selection, states: Any) -> dict[str, str]:
    href = page.link(kind.path, id=one["id"], tz=selection.tz)
    chip = channel_chip(one["channel"]) if one.get("channel") else ""
    return {
        "name": f'<a href="{escape(href)}">{escape(name_of(kind, one))}</a> <small>{chip}</small>',
        "status": pill(plain(one["status"]), one["status"]),
        "created": moment(one["created_at"], selection.tz),
        "total#": count(one["recipients"]["total"]),
        **{f"{code}#": _counted(one, code) for code, _, _ in states},
    }


def _counted(one: Sending, code: str) -> str:
    rate = one["rates"].get(code)
    share = f" <small>{percent(rate['value'])}</small>" if rate and rate["value"] is not None else ""
    return f"{count(one['recipients'].get(code))}{share}"


def name_of(kind: Kind, one: Sending) -> str:
    """Its name, or what it is and its number."""
    return str(one.get("name") or f"{kind.title} {one['id']}")


def sending_page(page: Page, kind: Kind, one: Sending, selection: Selection) -> str:
    """One campaign or job: how far its recipients came, over time, and why some failed."""
    return (
        _title(page, kind, one, selection)
        + grid(_rates_panel(kind, one), _over_time(page, kind, one, selection))
        + _failures_panel(page, kind, one)
    )


def _title(page: Page, kind: Kind, one: Sending, selection: Selection) -> str:
    messages = page.link("/messages", **{kind.message_filter: one["id"]}, range="90d", tz=selection.tz)
    platform = page.platform_link(f"{kind.platform_path}/{one['id']}")
    links = [f'<a href="{escape(page.link(kind.path))}">All {kind.title.lower()}s</a>',
             f'<a href="{escape(messages)}">Its messages</a>']  # fmt: skip
    if one.get("campaign_id"):
        links.append(f'<a href="{escape(page.link("/campaigns", id=one["campaign_id"]))}">Its campaign</a>')
    if platform:
        links.append(f'<a href="{escape(platform)}">Open in Corbi</a>')
    facts = [f"{kind.title} {one['id']}", f"created {moment(one['created_at'], selection.tz)}"]
    return (
        f'<div class="corbi-title"><h1>{escape(name_of(kind, one))} {pill(plain(one["status"]), one["status"])}</h1>'
        f"<p>{escape(' · '.join(facts))}</p><p>{' · '.join(links)}</p></div>"
    )


def _rates_panel(kind: Kind, one: Sending) -> str:
    total = one["recipients"]["total"]
    rows = [(name, one["recipients"].get(code), *_rate(one, code), colour) for code, name, colour in kind.states]
    return panel("Recipients", rates(rows), note=f"{count(total)} recipients; each counts once")


def _rate(one: Sending, code: str) -> tuple[float | None, str]:
    """As the API says it; of what has no rate there, the share of all recipients."""
    rate = one["rates"].get(code)
    if rate:
        return rate["value"], f"of {count(rate['of'])}"
    total, part = one["recipients"]["total"], one["recipients"].get(code)
    return (100 * part / total if total and part is not None else None), f"of {count(total)}"


def _failures_panel(page: Page, kind: Kind, one: Sending) -> str:
    def link(code: str) -> str:
        href = page.link("/messages", **{kind.message_filter: one["id"]}, status="failed", reason=code, range="90d")
        return f'<a href="{escape(href)}">{escape(reason(code))}</a>'

    rows = [
        {
            "reason": link(found["reason"]),
            "count#": count(found["count"]),
            "share#": percent(100 * found["share"]),
            "texts": "".join(
                f"<div><code>{escape(text['template'] or MISSING)}</code> <small>{count(text['count'])}</small></div>"
                for text in found["templates"]
            ),
        }
        for found in one["failure_reasons"]
        if found["count"]
    ]
    columns = [("reason", "Reason"), ("count#", "Failed"), ("share#", "Share"), ("texts", "What providers said")]
    return panel("Why recipients failed", table(columns, rows, "Reasons") if rows else empty("None failed"))


def _over_time(page: Page, kind: Kind, one: Sending, selection: Selection) -> str:
    interval = one.get("interval") or "1h"
    href = page.link("/messages", **{kind.message_filter: one["id"]})
    chart = message_charts.messages_over_time(
        one["time_series"], interval, selection.tz, href, what="Recipients", height=180
    )
    body = status_legend() + drawn(chart, 216) if chart else empty("Nothing was sent yet")
    return panel("Recipients over time", body, note=f"per {INTERVALS[interval]}, {selection.tz}")
