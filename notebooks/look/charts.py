"""The charts, as Altair specifications.

Belongs here: one function a kind of chart, all in one look. Does not: what is asked for (the notebooks), colours
(palette.py). Charts are drawn as SVG with the palette's CSS variables, so they follow light and dark by themselves; times
are wall-clock times of the chosen zone, written as if they were UTC, since Vega knows no zones. A click on a mark goes to
the `href` its row carries.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import altair as alt

from notebooks.look.numbers import count, duration, parsed, percent
from notebooks.look.palette import CHANNELS, GRID, LINE, MUTED, PERCENTILES, STATUSES, Colour
from notebooks.look.words import CHANNELS as CHANNEL_NAMES
from notebooks.look.words import INTERVALS
from notebooks.look.words import STATUSES as STATUS_NAMES
from notebooks.look.words import reason as reason_name

Row = Mapping[str, Any]
Drawing = alt.Chart | alt.LayerChart

FONT = "system-ui, -apple-system, Segoe UI, Roboto, DejaVu Sans, Arial, sans-serif"
COUNT_LABELS = "datum.value >= 1e6 ? format(datum.value / 1e6, ',.1~f') + ' M' : datum.value >= 1e4 ? " \
    "format(datum.value / 1e3, ',.1~f') + ' k' : format(datum.value, ',')"  # fmt: skip
DURATION_LABELS = "datum.value < 1000 ? datum.value + ' ms' : datum.value < 60000 ? datum.value / 1000 + ' s' : " \
    "datum.value / 60000 + ' min'"  # fmt: skip
DURATION_TICKS = [
    value * scale for scale in (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000) for value in (1, 2, 5)
]  # fmt: skip
SECONDS = {"5m": 300, "15m": 900, "1h": 3_600, "6h": 21_600, "1d": 86_400}


def messages_over_time(points: Sequence[Row], interval: str, zone: str, href: str, height: int = 150) -> Drawing | None:
    """Stacked bars of what became of the messages of each bucket. `href` begins the address of a bar's messages.

    None where no message was written in the window.
    """
    rows = [_bucket(point, interval, zone) for point in points]
    if not any(row["all"] for row in rows):
        return None
    chart = (
        _chart(rows)
        .transform_fold([*STATUS_NAMES], as_=["status", "messages"])
        # The first and the last bucket stay, empty or not: they are how wide the window is.
        .transform_filter(f"datum.messages > 0 || datum.at == '{rows[0]['at']}' || datum.at == '{rows[-1]['at']}'")
        .transform_calculate(
            order=f"indexof({[*STATUS_NAMES]}, datum.status)",
            url=f"'{href}&status=' + datum.status + '&from=' + datum.from + '&to=' + datum.to",
        )
        .transform_stack(stack="messages", as_=["low", "high"], groupby=["at"], sort=[alt.SortField("order")])
        .mark_rect(stroke="var(--corbi-card)", strokeWidth=0.6, cursor="pointer")
        .encode(
            x=_time_axis(rows[0]["at"], rows[-1]["till"]),
            x2="till:T",
            y=alt.Y("low:Q", title=f"messages per {INTERVALS[interval]}", axis=_count_axis()),
            y2="high:Q",
            color=_colours(STATUSES, "status:N"),
            href="url:N",
            tooltip=[alt.Tooltip("when:N", title="When")]
            + [alt.Tooltip(f"{name}:Q", title=STATUS_NAMES[name], format=",") for name in STATUS_NAMES]
            + [alt.Tooltip("inbound:Q", title="Inbound", format=",")],
        )
    )
    return styled(chart, height)


def _bucket(point: Row, interval: str, zone: str) -> dict[str, Any]:
    """A bucket's exclusive states: `sent` of the API includes delivered, which includes read."""
    at = parsed(point["at"])
    assert at is not None  # noqa: S101 - a bucket has a time
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
        "inbound": point["inbound"],
        "all": point["outbound"],
    }


def latency_over_time(lines: Mapping[str, Sequence[Row]], zone: str, colours: Mapping[str, Colour],
                      names: Mapping[str, str], height: int = 190) -> Drawing | None:  # fmt: skip
    """Lines over time; each row has `at`, `ms` and `count`.

    None where no callback with a known latency came.
    """
    rows = [
        {
            "line": names[name],
            "at": _wall(parsed(row["at"]), zone),
            "when": f"{parsed(row['at']).astimezone(ZoneInfo(zone)):%a %d %b, %H:%M}",  # type: ignore[union-attr]
            "ms": row["ms"] if row["ms"] else None,
            "shown": duration(row["ms"]),
            "count": row["count"],
        }
        for name, found in lines.items()
        for row in found
    ]
    values = [row["ms"] for row in rows if row["ms"]]
    if not values:
        return None
    shown = {names[name]: colours[name] for name in lines}
    base = _chart(rows).encode(
        x=_time_axis(min(row["at"] for row in rows), max(row["at"] for row in rows)),
        y=alt.Y("ms:Q", title="latency", scale=_duration_scale(values), axis=_duration_axis(values)),
        color=alt.Color("line:N", legend=None,
                        scale=alt.Scale(domain=list(shown), range=[colour.css for colour in shown.values()])),
    )  # fmt: skip
    nearest = alt.selection_point(nearest=True, on="pointerover", fields=["at"], empty=False)
    line = base.mark_line(strokeWidth=1.8, interpolate="monotone")
    points = (
        base.mark_circle(size=46)
        .encode(
            opacity=alt.condition(nearest, alt.value(1), alt.value(0)),
            tooltip=[
                alt.Tooltip("when:N", title="When"),
                alt.Tooltip("line:N", title="Line"),
                alt.Tooltip("shown:N", title="Latency"),
                alt.Tooltip("count:Q", title="Callbacks", format=","),
            ],
        )
        .add_params(nearest)
    )
    return styled(alt.layer(line, points), height)


def latency_histogram(by_channel: Mapping[str, Sequence[Row]], height: int = 190) -> Drawing | None:
    """How many callbacks took how long, stacked by channel, on a logarithmic scale. None where there are none."""
    rows = [
        {
            "from_ms": max(1, bar["from_ms"]),
            "to_ms": bar["to_ms"],
            "count": bar["count"],
            "channel": channel,
            "name": CHANNEL_NAMES.get(channel, channel),
            "span": f"{duration(bar['from_ms'])} to {duration(bar['to_ms'])}",
        }
        for channel, bars in by_channel.items()
        for bar in bars
        if bar["count"] and bar["to_ms"] > 1
    ]
    if not rows:
        return None
    edges = [row["from_ms"] for row in rows] + [row["to_ms"] for row in rows]
    chart = (
        _chart(rows)
        .transform_stack(stack="count", as_=["low", "high"], groupby=["from_ms"], sort=[alt.SortField("channel")])
        .mark_rect(stroke="var(--corbi-card)", strokeWidth=0.8)
        .encode(
            x=alt.X("from_ms:Q", title="latency", scale=_duration_scale(edges), axis=_duration_axis(edges, grid=False)),
            x2="to_ms:Q",
            y=alt.Y("low:Q", title="callbacks", axis=_count_axis()),
            y2="high:Q",
            color=_colours(CHANNELS, "channel:N"),
            tooltip=[
                alt.Tooltip("name:N", title="Channel"),
                alt.Tooltip("span:N", title="Latency"),
                alt.Tooltip("count:Q", title="Callbacks", format=","),
            ],
        )
    )
    return styled(chart, height)


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
            "channel": channel,
            "name": CHANNEL_NAMES.get(channel, channel),
            "count": one["count"],
            "all": totals[one["reason"]],
            "share": percent(100 * totals[one["reason"]] / whole),
            "label": count(totals[one["reason"]]),
            "url": f"{href}&{urlencode({'reason': one['reason'], 'channel': channel})}",
        }
        for channel, found in by_channel.items()
        for one in found["reasons"]
        if one["reason"] in order and one["count"]
    ]
    if not rows:
        return None
    base = _chart(rows).encode(
        y=alt.Y("reason:N", title=None, sort=[reason_name(code) for code in order],
                axis=alt.Axis(labelLimit=170, ticks=False, domain=False, grid=False)),
    )  # fmt: skip
    widest = max(totals.values()) * 1.18
    bars = base.mark_bar(cursor="pointer", height={"band": 0.68}).encode(
        x=alt.X("count:Q", title="failed messages", axis=_count_axis(), scale=alt.Scale(domain=[0, widest])),
        color=_colours(CHANNELS, "channel:N"),
        href="url:N",
        tooltip=[
            alt.Tooltip("reason:N", title="Reason"),
            alt.Tooltip("name:N", title="Channel"),
            alt.Tooltip("count:Q", title="Failed", format=","),
            alt.Tooltip("all:Q", title="All channels", format=","),
            alt.Tooltip("share:N", title="Share of all failures"),
        ],
    )
    labels = (
        base.transform_aggregate(all="max(all)", label="max(label)", groupby=["reason"])
        .mark_text(align="left", dx=6, fontSize=11, color=MUTED.css)
        .encode(x="all:Q", text="label:N")
    )
    return styled(alt.layer(bars, labels), 34 * len(order))


def percentile_lines(over_time: Sequence[Row]) -> dict[str, list[Row]]:
    """The API's latency over time as one line a percentile."""
    return {
        name: [{"at": row["at"], "ms": row[f"{name}_ms"], "count": row["count"]} for row in over_time]
        for name in PERCENTILES
    }


def _chart(rows: Sequence[Row]) -> alt.Chart:
    return alt.Chart(alt.Data(values=rows))  # type: ignore[no-untyped-call]


def styled(chart: Any, height: int) -> Drawing:
    """One look: as wide as its place, quiet grid, legible text, SVG, no menu."""
    drawing: Drawing = (
        chart.properties(
            width="container",
            height=height,
            background="transparent",
            usermeta={"embedOptions": {"actions": False, "renderer": "svg"}},
        )
        .configure(font=FONT, autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))
        .configure_view(stroke=None, fill=None)
        .configure_axis(
            labelColor=MUTED.css, titleColor=MUTED.css, gridColor=GRID.css, domainColor=LINE.css, tickColor=LINE.css,
            labelFontSize=11, titleFontSize=11, titleFontWeight="normal", labelPadding=6, titlePadding=8,
        )
    )  # fmt: skip
    return drawing


def _time_axis(first: str, last: str) -> alt.X:
    """Days, months or hours, whatever the span is told by best."""
    hours = (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds() / 3_600
    written = "%H:%M" if hours <= 26 else "%a %d" if hours <= 24 * 15 else "%d %b" if hours <= 24 * 120 else "%b %y"
    axis = alt.Axis(format=written, labelOverlap=True, labelSeparation=8, tickCount=7, grid=False, labelBound=True)
    return alt.X("at:T", title=None, axis=axis, scale=alt.Scale(type="utc", nice=False))


def _count_axis() -> alt.Axis:
    return alt.Axis(labelExpr=COUNT_LABELS, tickCount=4, tickMinStep=1, domain=False, ticks=False)


def _duration_axis(values: Sequence[float], *, grid: bool = True) -> alt.Axis:
    """Round durations as ticks; of many decades only the powers of ten."""
    looks: dict[str, Any] = {"grid": grid, "domain": not grid, "ticks": not grid, "labelExpr": DURATION_LABELS}
    low, high = min(values), max(values)
    if not _is_wide(values):
        return alt.Axis(tickCount=4, **looks)
    powers = high / low > 50
    ticks = [tick for tick in DURATION_TICKS if low / 3 <= tick <= high * 3 and (not powers or str(tick)[0] == "1")]
    return alt.Axis(values=ticks, labelOverlap=True, **looks)


def _duration_scale(values: Sequence[float]) -> alt.Scale:
    """Logarithmic where latencies differ manifold, else from zero up."""
    if not _is_wide(values):
        return alt.Scale(zero=True)
    return alt.Scale(type="log", domain=[min(values) * 0.8, max(values) * 1.25], nice=False)


def _is_wide(values: Sequence[float]) -> bool:
    return max(values) > 6 * min(values)


def _colours(colours: Mapping[str, Colour], field: str) -> alt.Color:
    """The palette's colours. Legends are HTML beside the charts (panels.py): Vega's don't wrap on a phone."""
    scale = alt.Scale(domain=list(colours), range=[colour.css for colour in colours.values()])
    return alt.Color(field, scale=scale, legend=None)


def _wall(at: datetime | None, zone: str) -> str:
    """The wall-clock time in a zone, written as UTC."""
    assert at is not None  # noqa: S101 - buckets have times
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _utc(at: datetime) -> str:
    return at.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")


def _span(at: datetime, end: datetime, zone: str) -> str:
    first, last = at.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    if end - at >= timedelta(days=1):
        return f"{first:%a %d %b %Y}"
    return f"{first:%a %d %b, %H:%M} to {last:%H:%M}"
