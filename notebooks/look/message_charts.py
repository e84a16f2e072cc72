"""Messages over time: what became of them, bucket by bucket.

Belongs here: this chart. Does not: latency (latency_charts.py), failures (failure_charts.py), style (drawing.py). Charts
are drawn as SVG with the palette's CSS variables, so they follow light and dark by themselves. A click on a mark goes to
the messages it stands for.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import altair as alt

from notebooks.look.chart_times import moment_of, wall_clock
from notebooks.look.drawing import (
    Drawing,
    Row,
    Specification,
    chart,
    colours,
    count_axis,
    specification,
    time_axis,
    time_format,
)
from notebooks.look.numbers import count
from notebooks.look.palette import STATUSES
from notebooks.look.words import INTERVALS
from notebooks.look.words import STATUSES as STATUS_NAMES

SECONDS = {"5m": 300, "15m": 900, "1h": 3_600, "6h": 21_600, "1d": 86_400}


def messages_over_time(
    points: Sequence[Row], interval: str, zone: str, href: str, *, what: str, height: int = 150
) -> Drawing | None:
    """Stacked bars of what became of the messages of each bucket. `href` begins the address of a bar's messages.

    None where no message was written in the window.
    """
    rows = [_bucket(point, interval, zone) for point in points]
    total = sum(row["all"] for row in rows)
    if not total:
        return None
    # The first and the last bucket stay, empty or not: they are how wide the window is.
    rows[0]["edge"] = rows[-1]["edge"] = True
    hours = len(rows) * SECONDS[interval] / 3_600
    failed = sum(row["failed"] for row in rows)
    return Drawing(
        _messages(interval, time_format(hours), height),
        rows,
        f"{what}: {count(total)} messages, {count(failed)} failed, per {INTERVALS[interval]}",
        {"href": href},
    )


@cache
def _messages(interval: str, written: str, height: int) -> Specification:
    names = list(STATUS_NAMES)
    return specification(
        chart()
        .transform_fold([*STATUS_NAMES], as_=["status", "messages"])
        .transform_filter("datum.messages > 0 || datum.edge")
        .transform_calculate(
            order=f"indexof({names}, datum.status)",
            url="href + '&status=' + datum.status + '&from=' + datum.from + '&to=' + datum.to",
        )
        .transform_stack(stack="messages", as_=["low", "high"], groupby=["at"], sort=[alt.SortField("order")])
        .mark_rect(stroke="var(--corbi-card)", strokeWidth=0.6, cursor="pointer", aria=False)
        .encode(
            x=time_axis(written),
            x2="till:T",
            y=alt.Y("low:Q", title=f"messages per {INTERVALS[interval]}", axis=count_axis()),
            y2="high:Q",
            color=colours(STATUSES, "status:N"),
            href="url:N",
            tooltip=[alt.Tooltip("when:N", title="When")]
            + [alt.Tooltip(f"{name}:Q", title=STATUS_NAMES[name], format=",") for name in names]
            + [alt.Tooltip("inbound:Q", title="Inbound", format=",")],
        ),
        height,
    )


def _bucket(point: Row, interval: str, zone: str) -> dict[str, Any]:
    """A bucket's exclusive states: `sent` of the API includes delivered, which includes read."""
    at = moment_of(point["at"])
    end = at + timedelta(seconds=SECONDS[interval])
    other = point["outbound"] - point["sent"] - point["failed"]
    return {
        "at": wall_clock(at, zone),
        "till": wall_clock(end, zone),
        "when": _span(at, end, zone),
        "from": _utc(at),
        "to": _utc(end),
        "read": point["read"],
        "delivered": point["delivered"] - point["read"],
        "sent": point["sent"] - point["delivered"],
        "failed": point["failed"],
        "queued": max(0, other),
        "inbound": point.get("inbound", 0),
        "all": point["outbound"],
    }


def _utc(at: datetime) -> str:
    return at.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")


def _span(at: datetime, end: datetime, zone: str) -> str:
    first, last = at.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    if end - at >= timedelta(days=1):
        return f"{first:%a %d %b %Y}"
    return f"{first:%a %d %b, %H:%M} to {last:%H:%M}"
