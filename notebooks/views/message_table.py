"""Single messages as rows, as far as they may be seen: no address, no number, no text of a person.

Belongs here: a message as the API gives it to a table's row, and the filters only messages have. Does not: asking for
them (messages.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import marimo as mo

from notebooks.client.page import Page
from notebooks.look.filters import choice
from notebooks.look.numbers import MISSING, moment
from notebooks.look.panels import channel_chip, pill, table
from notebooks.look.words import REASONS, plain, reason

STATUSES = {
    "": "All states",
    "queued": "Waiting",
    "sent": "Sent, not confirmed",
    "delivered": "Delivered, not read",
    "read": "Read",
    "failed": "Failed",
    "retrying": "Retrying",
    "skipped": "Skipped",
}
DIRECTIONS = {"outbound": "Outbound", "inbound": "Inbound"}
NUMBERS = ("campaign_id", "email_job_id")
OWN_FILTERS = (*NUMBERS, "template")
"""Filters that only links set; they are shown as chips that can be taken away."""


@dataclass(frozen=True)
class Fixed:
    """The filters that came with the address and have no control: a campaign, an e-mail job, an error text."""

    given: Mapping[str, str]

    @property
    def parameters(self) -> dict[str, str]:
        """As the API's parameters."""
        found = {name: self.given.get(name, "") for name in OWN_FILTERS}
        return {name: value for name, value in found.items() if (value.isdigit() if name in NUMBERS else value)}

    def chips(self, page: Page, address: Mapping[str, str]) -> str:
        """Each with a link to the same list without it."""
        rest = {name: value for name, value in address.items() if name not in OWN_FILTERS}
        return "".join(
            f'<span class="corbi-pill">{escape(plain(name).removesuffix(" id"))} {escape(value)} '
            f'<a href="{escape(page.link("/messages", **rest))}" aria-label="Remove this filter">&times;</a></span>'
            for name, value in self.parameters.items()
        )


def message_controls(given: Mapping[str, str]) -> mo.ui.dictionary:
    """Direction, state and reason, set as the address says."""
    return mo.ui.dictionary(
        {
            "direction": choice(DIRECTIONS, given.get("direction", ""), "outbound", "Direction"),
            "status": choice(STATUSES, given.get("status", ""), "", "State"),
            "reason": choice({"": "All reasons", **REASONS}, given.get("reason", ""), "", "Reason"),
        }
    )


def messages(page: Page, results: Sequence[Mapping[str, Any]], zone: str, direction: str) -> str:
    """Newest first."""
    columns = [("at", "Written"), ("channel", "Channel"), ("status", "State")]
    columns += [("why", "Why it failed"), ("of", "Part of")] if direction == "outbound" else []
    columns += [("then", "Then")] if direction == "outbound" else []
    columns += [("id#", "Id")]
    return table(columns, [_row(page, one, zone) for one in results], "Messages")


def _row(page: Page, one: Mapping[str, Any], zone: str) -> dict[str, str]:
    status = one.get("status") or ""
    said = one.get("template")
    why = f"{escape(reason(one['reason']))} " if one.get("reason") else ""
    return {
        "at": f'<time datetime="{escape(str(one["created_at"]))}">{moment(one["created_at"], zone)}</time>',
        "channel": channel_chip(one["channel"]),
        "status": pill(plain(status) or MISSING, status),
        "why": f"{why}{f'<div><code>{escape(said)}</code></div>' if said else ''}",
        "of": _part_of(page, one),
        "then": _then(one, zone),
        "id#": f"<small>{escape(plain(one.get('source')))} {escape(str(one['id']))}</small>",
    }


def _then(one: Mapping[str, Any], zone: str) -> str:
    """What is known to have happened to it when, the last first."""
    known = [(words, one.get(name)) for words, name in (("read", "read_at"), ("delivered", "delivered_at"),
                                                        ("failed", "failed_at"), ("sent", "sent_at"))]  # fmt: skip
    found = [f'<small class="line">{words} {moment(at, zone)}</small>' for words, at in known if at]
    retries = one.get("retry_count")
    return "".join([*found[:2], *([f'<small class="line">{retries} retries</small>'] if retries else [])])


def _part_of(page: Page, one: Mapping[str, Any]) -> str:
    found = [
        (one.get("campaign_id"), "/campaigns", "Campaign"),
        (one.get("email_job_id"), "/email-jobs", "E-mail job"),
    ]
    links = [
        f'<a href="{escape(page.link(path, id=number))}">{name} {number}</a>' for number, path, name in found if number
    ]
    return ", ".join(links)
