"""Alerts as a list with buttons for those who may act.

Belongs here: drawing a list of alerts, and what a button does. Does not: filters and paging (alerts.py).
"""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import marimo as mo

from notebooks.client.api import Answer, Trouble
from notebooks.client.page import Page
from notebooks.look.numbers import MISSING, age, count, moment, parsed
from notebooks.look.panels import pill, small
from notebooks.look.words import ALERT_STATUSES, SEVERITIES, channel, plain

ACTIONS = {"open": ("ack", "resolve"), "acked": ("resolve", "reopen"), "resolved": ("reopen",)}
"""What can be done with an alert of each status."""

LABELS = {"ack": "Acknowledge", "resolve": "Resolve", "reopen": "Reopen"}

Alert = Mapping[str, Any]


def worst_first(alerts: Sequence[Alert], most: int) -> tuple[Alert, ...]:
    """Those that need somebody first: open before acknowledged, critical before the rest, new before old."""
    newest = sorted(alerts, key=lambda alert: str(alert["created_at"]), reverse=True)
    severities = list(SEVERITIES)
    ordered = sorted(newest, key=lambda alert: (alert["status"] != "open", severities.index(alert["severity"])))
    return tuple(ordered[:most])


def act(page: Page, alert_id: int, action: str, note: str = "") -> Answer:
    """Asks the API for a change of one alert; the API decides whether this person may."""
    return page.api.post(f"/api/monitoring/alerts/{alert_id}/{action}/", {"note": note} if note else {})


def buttons(
    page: Page, alerts: Sequence[Alert], acted: Callable[[Answer], None], note: Callable[[], str] = str
) -> mo.ui.dictionary:
    """A button for each thing that can be done, none for those who may not. `acted` gets what came of a click, `note`
    is asked then for what goes with it."""

    def button(alert: Alert, action: str) -> mo.ui.button:
        return mo.ui.button(
            label=small(LABELS[action]),
            tooltip=f"{LABELS[action]}: {title(alert)}",
            on_click=lambda _: acted(act(page, alert["id"], action, note())),
        )

    # What concerns the monitoring itself is for those who run it.
    found = [alert for alert in alerts if page.may_act and not alert.get("is_operations")]
    return mo.ui.dictionary(
        {f"{alert['id']}:{action}": button(alert, action) for alert in found for action in ACTIONS[alert["status"]]}
    )


def alert_items(page: Page, alerts: Sequence[Alert], found: Mapping[str, Any], zone: str) -> str:
    """The list; each item is a link to its own page."""
    return f'<ul class="corbi-alerts">{"".join(_item(page, alert, found, zone) for alert in alerts)}</ul>'


def severity_counts(page: Page, counts: Mapping[str, Mapping[str, int]]) -> str:
    """A pill for each severity with its open alerts, each a link to them."""
    return "".join(
        f'<a href="{escape(page.link("/alerts", severity=code, status="open"))}" class="corbi-count">'
        f"{pill(name, code)} {count(counts.get(code, {}).get('open', 0))}"
        f" <small>open, {count(counts.get(code, {}).get('acked', 0))} acknowledged</small></a>"
        for code, name in SEVERITIES.items()
    )


def why_not(answer: Answer | None) -> str:
    """What is told when an action was refused; empty where it went through."""
    if answer is None or answer.trouble is Trouble.NONE:
        return ""
    reasons = {
        Trouble.DOWN: "The API can't be reached; nothing was changed.",
        Trouble.SIGNED_OUT: "Your sign-in has expired; nothing was changed.",
    }
    text = reasons.get(answer.trouble, answer.detail or "It was refused.")
    return f'<div class="corbi-banner critical" role="alert">{escape(text)}</div>'


def title(alert: Alert) -> str:
    """The alert's title, or what today's clients show of it."""
    return str(alert.get("title") or alert["message"])


def _item(page: Page, alert: Alert, found: Mapping[str, Any], zone: str) -> str:
    names = (f"{alert['id']}:{action}" for action in ACTIONS[alert["status"]])
    actions = "".join(found[name].text for name in names if name in found)
    severity = str(alert["severity"])
    seen = alert.get("last_seen") or alert["created_at"]
    details = " · ".join(
        part
        for part in (
            channel(alert["channel"]) if alert.get("channel") else "",
            plain(alert.get("rule") or alert["category"]),
            f"{count(alert.get('count'))} times" if (alert.get("count") or 0) > 1 else "",
            f"last seen {moment(seen, zone)}",
        )
        if part
    )
    status = "" if alert["status"] == "open" else pill(str(ALERT_STATUSES[alert["status"]]), "status")
    return (
        f'<li class="corbi-alert" data-alert="{alert["id"]}" data-status="{escape(alert["status"])}">'
        f"<span>{pill(SEVERITIES[severity], severity)}</span>"
        f'<div><a href="{escape(page.link("/alerts", id=alert["id"]))}">{escape(title(alert))}</a> {status}'
        f"<p>{escape(str(alert.get('description') or alert['message']))}</p><p>{escape(details)}</p></div>"
        f'<div class="actions">{actions}</div></li>'
    )


def lasted(alert: Alert) -> str:
    """How long an alert has been, or was, there."""
    first, last = parsed(alert.get("first_seen")), parsed(alert.get("resolved_at") or alert.get("last_seen"))
    return age((last - first).total_seconds()) if first and last else MISSING
