"""One alert with all that is known of it, and the filters of the list.

Belongs here: an alert and its history to HTML. Does not: the list (alert_list.py), asking for it (alerts.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import marimo as mo

from notebooks.client.page import Page
from notebooks.look.filters import channel_choice, choice
from notebooks.look.numbers import MISSING, count, moment
from notebooks.look.panels import channel_chip, panel, pill
from notebooks.look.words import ALERT_STATUSES, SEVERITIES, plain
from notebooks.views.alert_list import Alert, lasted, title

ANY_STATUS = "any"
STATUS_FILTERS = {**ALERT_STATUSES, ANY_STATUS: "All"}
RELATED = {
    "campaign_id": ("/campaigns", "id", "Campaign"),
    "email_job_id": ("/email-jobs", "id", "E-mail job"),
}


def alert_controls(given: Mapping[str, str], channels: Iterable[str]) -> mo.ui.dictionary:
    """Severity, status and channel, set as the address says; what needs somebody comes first."""
    return mo.ui.dictionary(
        {
            "severity": choice({"": "All", **SEVERITIES}, given.get("severity", ""), "", "Severity"),
            "status": choice(STATUS_FILTERS, given.get("status", "open"), "open", "Status"),
            "channel": channel_choice(given, channels),
        }
    )


def alert_page(page: Page, alert: Alert, actions: str, zone: str) -> str:
    """What it is, what it is about, and what became of it."""
    severity = str(alert["severity"])
    return (
        f'<div class="corbi-title" data-alert="{alert["id"]}" data-status="{escape(alert["status"])}">'
        f'<p><a href="{escape(page.link("/alerts"))}">All alerts</a></p>'
        f"<h1>{escape(title(alert))} {pill(SEVERITIES[severity], severity)} "
        f"{pill(ALERT_STATUSES[alert['status']], 'status')}</h1>"
        f"<p>{escape(str(alert.get('description') or alert['message']))}</p></div>"
        f"{actions}{panel('What is known', _facts(page, alert, zone))}"
        f"{panel('History', _history(alert.get('history') or (), zone))}"
    )


def _facts(page: Page, alert: Alert, zone: str) -> str:
    channel = alert.get("channel")
    facts = {
        "Rule": escape(plain(alert.get("rule") or alert["category"])),
        "Channel": channel_chip(channel) if channel else MISSING,
        "Value": _number(alert.get("value")),
        "Threshold": _number(alert.get("threshold")),
        "Times seen": count(alert.get("count")),
        "First seen": moment(alert.get("first_seen"), zone),
        "Last seen": moment(alert.get("last_seen"), zone),
        "Lasted": lasted(alert),
        "Acknowledged": _by(alert.get("acked_at"), alert.get("acked_by"), zone),
        "Resolved": moment(alert.get("resolved_at"), zone),
        "Escalated": moment(alert.get("escalated_at"), zone),
        "Related": ", ".join(_related(page, alert)) or MISSING,
        "Request": escape(str(alert.get("request_id") or MISSING)),
    }
    runbook = str(alert.get("runbook") or "")
    if runbook:
        link = f'<a href="{escape(runbook)}" rel="noreferrer">Runbook</a>'
        facts["What to do"] = link if runbook.startswith(("http://", "https://")) else escape(runbook)
    items = "".join(f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in facts.items())
    return f'<dl class="corbi-facts">{items}</dl>'


def _related(page: Page, alert: Alert) -> list[str]:
    related = alert.get("related") or {}
    found = [
        f'<a href="{escape(page.link(path, **{parameter: related[name]}))}">{words} {related[name]}</a>'
        for name, (path, parameter, words) in RELATED.items()
        if related.get(name)
    ]
    message = related.get("outbound_message_id")
    if message:
        found.append(f"Message {message}")
    booking = related.get("booking_id")
    if booking:
        href = page.platform_link(f"bookings/{booking}")
        found.append(f'<a href="{escape(href)}">Booking {booking}</a>' if href else f"Booking {booking}")
    return found


def _history(events: Sequence[Mapping[str, Any]], zone: str) -> str:
    items = "".join(
        f"<li><time>{moment(event['at'], zone)}</time><strong>{_change(event)}</strong> {escape(plain(event['reason']))}"
        f"{_actor(event)}{_note(event)}</li>"
        for event in events
    )
    return f'<ul class="corbi-history">{items}</ul>' if items else MISSING


def _change(event: Mapping[str, Any]) -> str:
    """From what to what: its status, or how severe it is."""
    status = ALERT_STATUSES[event["to_status"]]
    if event.get("from_status") not in (None, event["to_status"]):
        return f"{ALERT_STATUSES[event['from_status']]} → {status}"
    if event.get("from_severity") not in (None, event.get("to_severity")) and event.get("to_severity"):
        return f"{SEVERITIES[event['from_severity']]} → {SEVERITIES[event['to_severity']]}"
    return status


def _actor(event: Mapping[str, Any]) -> str:
    return f" by user {escape(str(event['by']))}" if event.get("by") else ""


def _note(event: Mapping[str, Any]) -> str:
    return f" — {escape(str(event['note']))}" if event.get("note") else ""


def _by(at: str | None, who: Any, zone: str) -> str:
    return f"{moment(at, zone)}{f' by user {escape(str(who))}' if who and at else ''}"


def _number(value: float | None) -> str:
    return MISSING if value is None else f"{value:,.4g}"
