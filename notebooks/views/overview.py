"""What the dashboard shows, as HTML and charts: cards, messages, failures, latency, campaigns and e-mail.

Belongs here: figures of the API to parts of the page. Does not: asking for them, and the order of the page (dashboard.py).
"""

from collections.abc import Mapping
from html import escape
from typing import Any

from notebooks.client.page import Page
from notebooks.look import failure_charts, latency_charts, message_charts
from notebooks.look.cards import Card, Tone, cards
from notebooks.look.filters import Selection
from notebooks.look.numbers import count, duration, percent
from notebooks.look.palette import PERCENTILES, STATUSES
from notebooks.look.panels import channel_chip, channel_legend, drawn, legend, panel, rates, status_legend
from notebooks.look.states import empty
from notebooks.look.words import BEFORE, INTERVALS, channel

Figures = Mapping[str, Any]

CARDS: tuple[tuple[str, str, str, Tone, str], ...] = (
    ("Contacts", "contacts", "/dashboard", "more_is_good", "--corbi-muted"),
    ("Bookings", "bookings", "/dashboard", "more_is_good", "--corbi-muted"),
    ("Inbound", "inbound", "/messages?direction=inbound", "neutral", "--corbi-muted"),
    ("Outbound", "outbound", "/messages", "neutral", "--corbi-delivered"),
    ("Campaigns", "campaigns", "/campaigns", "neutral", "--corbi-muted"),
    ("E-mail jobs", "email_jobs", "/email-jobs", "neutral", "--corbi-muted"),
    ("Alerts", "alerts", "/alerts", "more_is_bad", "--corbi-failed"),
)
SPARKS = {"email_jobs": "email_recipients"}


def summary_cards(page: Page, summary: Figures, selection: Selection) -> str:
    """The seven cards of the window."""
    figures, sparks, now = summary["figures"], summary["sparklines"], summary["now"]
    before = BEFORE.get(selection.range, "the window before")
    notes = {
        "contacts": f"new; {count(now.get('contacts'))} in all",
        "bookings": f"{count(_value(figures, 'bookings_cancelled'))} cancelled",
        "inbound": "on all channels",
        "outbound": f"{percent(_value(figures, 'success_rate'))} delivered",
        "campaigns": f"{count(now.get('campaigns_active'))} active",
        "email_jobs": f"{count(_value(figures, 'email_recipients'))} recipients",
        "alerts": f"{count(now.get('alerts_open'))} open now",
    }
    return cards(
        [
            Card(
                label, _value(figures, name), (figures.get(name) or {}).get("change_percent"), before, _card_link(page, path, selection),
                sparks.get(SPARKS.get(name, name), {}).get("values", ()), tone, notes[name], f"var({colour})",
            )
            for label, name, path, tone, colour in CARDS
        ]
    )  # fmt: skip


def _card_link(page: Page, path: str, selection: Selection) -> str:
    target, _, query = path.partition("?")
    extra = dict([query.split("=")]) if query else {}
    return page.link(target, **{**selection.address, **extra})


def _value(figures: Figures, name: str) -> float | None:
    found = figures.get(name)
    value = found["value"] if found else None
    return None if value is None else float(value)


def messages_panel(page: Page, details: Figures, selection: Selection, *, link: bool = True) -> str:
    """Sent, delivered, failed over time: a chart a channel, all in the same colours."""
    zone, interval = selection.tz, details["interval"]
    parts = [
        _channel_chart(page, name, points, details["per_channel"].get(name, {}), interval, selection)
        for name, points in details["time_series"].items()
    ]
    kind = " one" if len(parts) == 1 else ""
    return panel(
        "Messages over time", status_legend(), f'<div class="corbi-multiples{kind}">{"".join(parts)}</div>',
        note=f"per {INTERVALS[interval]}, {zone}", link=page.link("/monitoring", **selection.address) if link else "", wide=True,
    )  # fmt: skip


def _channel_chart(page: Page, name: str, points: Any, total: Figures, interval: str, selection: Selection) -> str:
    href = page.link("/messages", channel=name, tz=selection.tz if selection.tz != "UTC" else None)
    chart = message_charts.messages_over_time(points, interval, selection.tz, href, what=channel(name))
    title = (
        f"<h3>{channel_chip(name)}"
        f"<small>{count(total.get('total'))} messages, {percent(_failed_share(total))} failed</small></h3>"
    )
    shown = drawn(chart, 186) if chart else empty("No messages", "None was written on this channel in the window.", 186)
    return f'<div data-chart="{escape(name)}">{title}{shown}</div>'


def _failed_share(total: Figures) -> float | None:
    return 100 * total["failed"] / total["total"] if total.get("total") else None


def reasons_panel(page: Page, details: Figures, selection: Selection) -> str:
    """Why messages failed."""
    found = details["top_failure_reasons"]
    chart = failure_charts.failure_reasons(found, page.link("/messages", status="failed", **selection.window))
    total = sum(one["total"] for one in found.values())
    body = empty("Nothing failed", "No message of this window has failed.", 260)
    if chart:
        body = channel_legend(found) + drawn(chart, 260)
    return panel(
        "Failure reasons",
        body,
        note=f"{count(total)} failed messages",
        link=page.link("/monitoring", **selection.address),
    )


def latency_panel(details: Figures, selection: Selection, percentile: str, control: str = "") -> str:
    """How fast providers answer: percentiles over time of one channel, or one percentile of each channel."""
    found = {name: one for name, one in details["callback_latency"].items() if one["count"]}
    if len(found) == 1:
        only = next(iter(found.values()))
        chart = latency_charts.latency_over_time(
            latency_charts.percentile_lines(only["over_time"]), selection.tz, by="percentile"
        )
        control, colours = (
            "",
            legend({latency_charts.PERCENTILE_NAMES[name]: colour for name, colour in PERCENTILES.items()}),
        )
    else:
        lines = {name: latency_charts.percentile_lines(one["over_time"])[percentile] for name, one in found.items()}
        chart = latency_charts.latency_over_time(lines, selection.tz, by="channel")
        colours = channel_legend(found)
    if chart is None:
        body = empty("No callbacks", "No provider has reported a delivery with a known latency in this window.", 230)
    else:
        body = f'<div class="corbi-bar">{colours}{control}</div>' + drawn(chart, 230) + _percentiles(found)
    return panel("Callback latency", body, note="from sending to the provider's report")


def _percentiles(found: Mapping[str, Figures]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{channel_chip(name)}</th>'
        + "".join(f'<td class="number">{duration(one[f"{p}_ms"])}</td>' for p in PERCENTILES)
        + f'<td class="number">{count(one["count"])}</td></tr>'
        for name, one in found.items()
    )
    head = "".join(f'<th scope="col" class="number">{p}</th>' for p in (*PERCENTILES, "callbacks"))
    return f'<table class="corbi-small"><thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table>'


def histogram_panel(details: Figures) -> str:
    """How many callbacks took how long."""
    found = {name: one["histogram"] for name, one in details["callback_latency"].items()}
    chart = latency_charts.latency_histogram(found)
    body = channel_legend(found) + drawn(chart, 230) if chart else empty("No callbacks", "", 230)
    return panel("How long callbacks took", body, note="all of the window, logarithmic scale")


def reach_panels(page: Page, summary: Figures, selection: Selection) -> tuple[str, str]:
    """Campaigns and e-mail jobs: how many recipients came how far."""
    figures = summary["figures"]
    campaign = [("sent", "sent", "campaign_sent", "campaign_recipients", "of recipients"),
                ("delivered", "delivered", "campaign_delivered", "campaign_sent", "of sent"),
                ("read", "opened", "campaign_read", "campaign_delivered", "of delivered"),
                ("failed", "failed", "campaign_failed", "campaign_recipients", "of recipients"),
                ("queued", "unsubscribed", "campaign_unsubscribed", "campaign_delivered", "of delivered")]  # fmt: skip
    email = [("sent", "sent", "email_sent", "email_recipients", "of recipients"),
             ("delivered", "delivered", "email_delivered", "email_sent", "of sent"),
             ("read", "opened", "email_opened", "email_delivered", "of delivered"),
             ("failed", "failed", "email_failed", "email_recipients", "of recipients"),
             ("queued", "skipped", "email_skipped", "email_recipients", "of recipients")]  # fmt: skip
    return (
        _reach("Campaigns", figures, campaign, "campaign_recipients", page.link("/campaigns", **selection.address)),
        _reach("E-mail jobs", figures, email, "email_recipients", page.link("/email-jobs", **selection.address)),
    )


def _reach(title: str, figures: Figures, rows: list[tuple[str, str, str, str, str]], whole: str, link: str) -> str:
    total = _value(figures, whole)
    if not total:
        return panel(title, empty("No recipients", "Nothing was sent in this window.", 150), link=link)
    lines = [
        (label.capitalize(), _value(figures, name), _share(figures, name, of), words, STATUSES[colour].css)
        for colour, label, name, of, words in rows
    ]
    return panel(title, rates(lines), note=f"{count(total)} recipients; each counts once", link=link)


def _share(figures: Figures, name: str, of: str) -> float | None:
    part, whole = _value(figures, name), _value(figures, of)
    return None if part is None or not whole else 100 * part / whole
