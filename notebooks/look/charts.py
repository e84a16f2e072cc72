"""The charts: one function a kind, all in one look.

Belongs here: rows of the API to a picture. Does not: what is asked for (the notebooks), colours (palette.py), style
(drawing.py). Charts are drawn as SVG with the palette's CSS variables, so they follow light and dark by themselves; times
are wall-clock times of the chosen zone, written as if they were UTC, since Vega knows no zones. A click on a mark goes to
the messages it stands for.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import altair as alt

from notebooks.look.drawing import (
    Drawing,
    Row,
    Specification,
    chart,
    colours,
    count_axis,
    duration_axis,
    duration_scale,
    duration_ticks,
    is_wide,
    specification,
    time_axis,
    time_format,
)
from notebooks.look.numbers import count, duration, parsed, percent
from notebooks.look.palette import CHANNELS, MUTED, PERCENTILES, STATUSES, Colour
from notebooks.look.words import CHANNELS as CHANNEL_NAMES
from notebooks.look.words import INTERVALS
from notebooks.look.words import STATUSES as STATUS_NAMES
from notebooks.look.words import reason as reason_name

SECONDS = {"5m": 300, "15m": 900, "1h": 3_600, "6h": 21_600, "1d": 86_400}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
PERCENTILE_NAMES = {"p50": "p50 (half are faster)", "p95": "p95", "p99": "p99"}


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
    at = _moment(point["at"])
    end = at + timedelta(seconds=SECONDS[interval])
    other = point["outbound"] - point["sent"] - point["failed"]
    return {
        "at": _wall(at, zone),
        "till": _wall(end, zone),
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


def latency_over_time(lines: Mapping[str, Sequence[Row]], zone: str, *, by: str, height: int = 190) -> Drawing | None:
    """Lines over time; each row has `at`, `ms` and `count`. `by` says what the lines are: "channel" or "percentile".

    None where no callback with a known latency came.
    """
    names = CHANNEL_NAMES if by == "channel" else PERCENTILE_NAMES
    rows = [
        {
            "line": name,
            "name": names[name],
            "at": _wall(_moment(row["at"]), zone),
            "when": f"{_moment(row['at']).astimezone(ZoneInfo(zone)):%a %d %b, %H:%M}",
            "ms": row["ms"] or None,
            "shown": duration(row["ms"]),
            "count": row["count"],
        }
        for name, found in lines.items()
        for row in found
    ]
    values = [row["ms"] for row in rows if row["ms"]]
    if not values:
        return None
    first, last = (pick(_moment(row["at"]) for found in lines.values() for row in found) for pick in (min, max))
    written = time_format((last - first).total_seconds() / 3_600)
    told = f"Callback latency over time by {by}, from {duration(min(values))} to {duration(max(values))}"
    return Drawing(
        _latency(by, written, duration_ticks(values, wide=is_wide(values)), is_wide(values), height), rows, told
    )


@cache
def _latency(by: str, written: str, ticks: tuple[int, ...], wide: bool, height: int) -> Specification:
    shown: Mapping[str, Colour] = CHANNELS if by == "channel" else PERCENTILES
    base = chart().encode(
        x=time_axis(written),
        y=alt.Y("ms:Q", title="latency", scale=duration_scale(wide=wide), axis=duration_axis(ticks)),
        color=colours(shown, "line:N"),
    )
    nearest = alt.selection_point(nearest=True, on="pointerover", fields=["at"], empty=False, name="nearest")
    points = (
        base.mark_circle(size=46, aria=False)
        .encode(
            opacity=alt.condition(nearest, alt.value(1), alt.value(0)),
            tooltip=[
                alt.Tooltip("when:N", title="When"),
                alt.Tooltip("name:N", title=by.capitalize()),
                alt.Tooltip("shown:N", title="Latency"),
                alt.Tooltip("count:Q", title="Callbacks", format=","),
            ],
        )
        .add_params(nearest)
    )
    line = base.mark_line(strokeWidth=1.8, interpolate="monotone", aria=False)
    return specification(alt.layer(line, points), height)


def percentile_lines(over_time: Sequence[Row]) -> dict[str, list[Row]]:
    """The API's latency over time as one line a percentile."""
    return {
        name: [{"at": row["at"], "ms": row[f"{name}_ms"], "count": row["count"]} for row in over_time]
        for name in PERCENTILES
    }


def latency_histogram(by_channel: Mapping[str, Sequence[Row]], height: int = 190) -> Drawing | None:
    """How many callbacks took how long, stacked by channel. None where there are none."""
    rows = [
        {
            # The first bar begins at zero and the last one never ends, which a logarithmic scale can't show.
            "from_ms": bar["from_ms"] or bar["to_ms"] / 2,
            "to_ms": bar["to_ms"] or 2 * bar["from_ms"],
            "count": bar["count"],
            "channel": channel,
            "name": CHANNEL_NAMES[channel],
            "span": _from_to(bar),
        }
        for channel, bars in by_channel.items()
        for bar in bars
        if bar["count"]
    ]
    if not rows:
        return None
    total = sum(row["count"] for row in rows)
    edges = [row[name] for row in rows for name in ("from_ms", "to_ms")]
    return Drawing(
        _histogram(duration_ticks(edges, wide=True), height),
        rows,
        f"How long {count(total)} callbacks took, by channel",
    )


def _from_to(bar: Row) -> str:
    return f"{duration(bar['from_ms'])} {'to ' + duration(bar['to_ms']) if bar['to_ms'] else 'and more'}"


@cache
def _histogram(ticks: tuple[int, ...], height: int) -> Specification:
    return specification(
        chart()
        .transform_stack(stack="count", as_=["low", "high"], groupby=["from_ms"], sort=[alt.SortField("channel")])
        .mark_rect(stroke="var(--corbi-card)", strokeWidth=0.8, aria=False)
        .encode(
            x=alt.X("from_ms:Q", title="latency", scale=alt.Scale(type="log"), axis=duration_axis(ticks, grid=False)),
            x2="to_ms:Q",
            y=alt.Y("low:Q", title="callbacks", axis=count_axis()),
            y2="high:Q",
            color=colours(CHANNELS, "channel:N"),
            tooltip=[
                alt.Tooltip("name:N", title="Channel"),
                alt.Tooltip("span:N", title="Latency"),
                alt.Tooltip("count:Q", title="Callbacks", format=","),
            ],
        ),
        height,
    )


def failure_reasons(by_channel: Mapping[str, Row], href: str, top: int = 8) -> Drawing | None:
    """Bars of the most frequent reasons, stacked by channel. None where nothing failed."""
    totals: dict[str, int] = {}
    for found in by_channel.values():
        for one in found["reasons"]:
            totals[one["reason"]] = totals.get(one["reason"], 0) + one["count"]
    whole = sum(found["total"] for found in by_channel.values())
    order = sorted(totals, key=lambda code: -totals[code])[:top]
    rows = [
        {
            "reason": reason_name(one["reason"]),
            "rank": order.index(one["reason"]),
            "channel": channel,
            "name": CHANNEL_NAMES[channel],
            "count": one["count"],
            "all": totals[one["reason"]],
            "label": count(totals[one["reason"]]),
            "share": percent(100 * totals[one["reason"]] / whole),
            "room": max(totals.values()) * 1.18,
            "url": f"{href}&{urlencode({'reason': one['reason'], 'channel': channel})}",
        }
        for channel, found in by_channel.items()
        for one in found["reasons"]
        if one["reason"] in order and one["count"]
    ]
    if not rows:
        return None
    told = ", ".join(f"{reason_name(code)} {count(totals[code])}" for code in order)
    return Drawing(_reasons(38 * len(order)), rows, f"Failed messages by reason: {told}")


@cache
def _reasons(height: int) -> Specification:
    base = chart().encode(
        y=alt.Y(
            "reason:N",
            title=None,
            sort=alt.EncodingSortField(field="rank", op="min"),
            axis=alt.Axis(labelLimit=170, ticks=False, domain=False, grid=False),
        )
    )
    bars = base.mark_bar(cursor="pointer", height={"band": 0.68}, aria=False).encode(
        x=alt.X("count:Q", title="failed messages", axis=count_axis()),
        color=colours(CHANNELS, "channel:N"),
        href="url:N",
        tooltip=[
            alt.Tooltip("reason:N", title="Reason"),
            alt.Tooltip("name:N", title="Channel"),
            alt.Tooltip("count:Q", title="Failed", format=","),
            alt.Tooltip("all:Q", title="All channels", format=","),
            alt.Tooltip("share:N", title="Share of all failures"),
        ],
    )
    per_reason = base.transform_aggregate(
        all="max(all)", label="max(label)", rank="min(rank)", room="max(room)", groupby=["reason"]
    )
    labels = per_reason.mark_text(align="left", dx=6, fontSize=11, color=MUTED.css, aria=False).encode(
        x="all:Q", text="label:N"
    )
    # Room for the numbers at the ends of the bars.
    room = per_reason.mark_point(opacity=0, aria=False).encode(x="room:Q")
    return specification(alt.layer(bars, labels, room), height)


def latency_heatmap(cells: Sequence[Row], percentile: str) -> Drawing | None:
    """A percentile for each hour of the week. Rows have weekday (1 = Monday), hour, ms, shown, callbacks."""
    rows = [{**cell, "day": WEEKDAYS[cell["weekday"] - 1]} for cell in cells if cell["ms"]]
    if not rows:
        return None
    slowest = max(rows, key=lambda row: row["ms"])
    told = f"{percentile} of the callback latency by weekday and hour; slowest {slowest['day']}, {slowest['hour']} h"
    return Drawing(_heatmap(percentile), rows, told)


@cache
def _heatmap(percentile: str) -> Specification:
    return specification(
        chart()
        .mark_rect(aria=False)
        .encode(
            x=alt.X("hour:O", title="hour of the day (UTC)", axis=alt.Axis(labelAngle=0, ticks=False, domain=False)),
            y=alt.Y("day:O", title=None, sort=list(WEEKDAYS), axis=alt.Axis(ticks=False, domain=False)),
            color=alt.Color(
                "ms:Q",
                scale=alt.Scale(type="log", scheme="greys"),
                legend=alt.Legend(title=f"{percentile}, ms", labelColor=MUTED.css, titleColor=MUTED.css, format=",.0f"),
            ),
            tooltip=[
                alt.Tooltip("day:N", title="Day"),
                alt.Tooltip("hour:O", title="Hour"),
                alt.Tooltip("shown:N", title=percentile),
                alt.Tooltip("callbacks:Q", title="Callbacks", format=","),
            ],
        ),
        210,
    )


def compared_bars(rows: Sequence[Row], height: int) -> Drawing | None:
    """Failures of two windows for each part. Rows have part, failed, failed_before."""
    found = [
        {"part": str(row["part"]), "rank": rank, "when": when, "failed": row[column]}
        for rank, row in enumerate(rows)
        for when, column in (("this window", "failed"), ("before", "failed_before"))
    ]
    if not found:
        return None
    return Drawing(_compared(height), found, "Failures now and before: " + ", ".join(str(row["part"]) for row in rows))


@cache
def _compared(height: int) -> Specification:
    colour = {"this window": STATUSES["failed"], "before": STATUSES["queued"]}
    return specification(
        chart()
        .mark_bar(aria=False)
        .encode(
            y=alt.Y(
                "part:N",
                title=None,
                sort=alt.EncodingSortField(field="rank", op="min"),
                axis=alt.Axis(labelLimit=220, ticks=False, domain=False),
            ),
            yOffset=alt.YOffset("when:N", sort=["this window", "before"]),
            x=alt.X("failed:Q", title="failed messages (orange: this window, grey: the one before)", axis=count_axis()),
            color=colours(colour, "when:N"),
            tooltip=["part:N", "when:N", alt.Tooltip("failed:Q", format=",")],
        ),
        height,
    )


def _moment(text: str) -> datetime:
    at = parsed(text)
    assert at is not None  # noqa: S101 - narrows the type: a text is always parsed to a time
    return at


def _wall(at: datetime, zone: str) -> str:
    """The wall-clock time in a zone, written as UTC."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _utc(at: datetime) -> str:
    return at.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")


def _span(at: datetime, end: datetime, zone: str) -> str:
    first, last = at.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    if end - at >= timedelta(days=1):
        return f"{first:%a %d %b %Y}"
    return f"{first:%a %d %b, %H:%M} to {last:%H:%M}"
