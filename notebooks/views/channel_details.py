"""What the monitoring page shows of each channel: volumes, reasons with their texts, latency.

Belongs here: figures of the API to parts of the page. Does not: asking for them, and the order of the page (monitoring.py).
"""

from collections.abc import Mapping
from html import escape
from typing import Any

from notebooks.client.page import Page
from notebooks.look import latency_charts
from notebooks.look.filters import Selection
from notebooks.look.numbers import count, duration, percent
from notebooks.look.palette import PERCENTILES
from notebooks.look.panels import channel_chip, drawn, legend, panel, table
from notebooks.look.states import empty
from notebooks.look.words import channel, reason

Details = Mapping[str, Any]


def channel_table(page: Page, details: Details, selection: Selection) -> str:
    """One row a channel: how much, how well, how fast."""
    rows = [
        _channel_row(page, name, total, details["callback_latency"].get(name), selection)
        for name, total in details["per_channel"].items()
        if name in details["time_series"]
    ]
    columns = [
        ("channel", "Channel"), ("outbound#", "Outbound"), ("delivered#", "Delivered"), ("failed#", "Failed"),
        ("rate#", "Failed, of outbound"), ("p50#", "p50"), ("p95#", "p95"), ("p99#", "p99"), ("callbacks#", "Callbacks"),
    ]  # fmt: skip
    return panel("Channels", table(columns, rows, "Channels"), note="counts link to the messages behind them")


def _channel_row(
    page: Page, name: str, total: Details, latency: Details | None, selection: Selection
) -> dict[str, str]:
    def link(number: float, status: str | None = None) -> str:
        href = page.link("/messages", channel=name, status=status, **selection.window)
        return f'<a href="{escape(href)}">{count(number)}</a>'

    rate = 100 * total["failed"] / total["total"] if total["total"] else None
    return {
        "channel": channel_chip(name),
        "outbound#": link(total["total"]),
        "delivered#": count(total["delivered"]),
        "failed#": link(total["failed"], "failed"),
        "rate#": percent(rate),
        "callbacks#": count(latency["count"] if latency else 0),
        **{f"{p}#": duration(latency[f"{p}_ms"] if latency else None) for p in PERCENTILES},
    }


def reason_panels(page: Page, details: Details, selection: Selection) -> str:
    """Each channel's reasons, and the providers' texts under them with what was personal masked."""
    parts = [
        _reasons(page, name, found, selection)
        for name, found in details["top_failure_reasons"].items()
        if found["total"]
    ]
    body = "".join(parts) or empty("Nothing failed", "No message of this window has failed.")
    return panel("Why messages failed", body, note="texts as providers write them; addresses and numbers are masked")


def _reasons(page: Page, name: str, found: Details, selection: Selection) -> str:
    def link(code: str) -> str:
        href = page.link("/messages", channel=name, status="failed", reason=code, **selection.window)
        return f'<a href="{escape(href)}">{escape(reason(code))}</a>'

    rows = [
        {
            "reason": link(one["reason"]),
            "count#": count(one["count"]),
            "share#": percent(100 * one["share"]),
            "texts": "".join(
                f'<div><a href="{escape(_text_link(page, name, text["template"], selection))}"><code>'
                f"{escape(text['template'] or 'no text')}</code></a> <small>{count(text['count'])}</small></div>"
                for text in one["templates"]
            ),
        }
        for one in found["reasons"]
    ]
    columns = [("reason", "Reason"), ("count#", "Failed"), ("share#", "Share"), ("texts", "What providers said")]
    title = f"<h3>{channel_chip(name)}<small>{count(found['total'])} failed</small></h3>"
    return f'<div class="corbi-part">{title}{table(columns, rows, f"Reasons on {channel(name)}")}</div>'


def _text_link(page: Page, name: str, template: str, selection: Selection) -> str:
    return page.link("/messages", channel=name, status="failed", template=template, **selection.window)


def latency_panels(details: Details, selection: Selection) -> str:
    """The three percentiles of each channel over time, in the same grey to black everywhere."""
    parts = []
    for name, found in details["callback_latency"].items():
        lines = latency_charts.percentile_lines(found["over_time"])
        chart = latency_charts.latency_over_time(lines, selection.tz, by="percentile", height=150)
        title = f"<h3>{channel_chip(name)}<small>{count(found['count'])} callbacks</small></h3>"
        body = drawn(chart, 186) if chart else empty("No callbacks", "None with a known latency in this window.", 186)
        parts.append(f"<div>{title}{body}</div>")
    key = legend({latency_charts.PERCENTILE_NAMES[name]: colour for name, colour in PERCENTILES.items()})
    inside = f'{key}<div class="corbi-multiples{" one" if len(parts) == 1 else ""}">{"".join(parts)}</div>'
    return panel("Callback latency over time", inside, note="from sending to the provider's report, logarithmic scale")


def notices(details: Details) -> str:
    """What the API says of its own answer, for example that a window is older than the finest rollups."""
    return "".join(
        f'<div class="corbi-banner info" role="note">{escape(text)}</div>' for text in details.get("notices", ())
    )
