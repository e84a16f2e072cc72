"""Callback latency: over time, as a histogram, and by the hour of the week.

Belongs here: these charts. Does not: style (drawing.py).
"""

from collections.abc import Mapping, Sequence
from functools import cache
from zoneinfo import ZoneInfo

import altair as alt

from notebooks.look.chart_times import moment_of, wall_clock
from notebooks.look.drawing import (
    Drawing,
    Row,
    Specification,
    chart,
    count_axis,
    duration_axis,
    duration_scale,
    duration_ticks,
    is_wide,
    own_colours,
    specification,
    time_axis,
    time_format,
)
from notebooks.look.numbers import count, duration
from notebooks.look.palette import MUTED, PERCENTILES, channel_colour
from notebooks.look.words import channel as channel_name

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
PERCENTILE_NAMES = {"p50": "p50 (half are faster)", "p95": "p95", "p99": "p99"}


def latency_over_time(lines: Mapping[str, Sequence[Row]], zone: str, *, by: str, height: int = 190) -> Drawing | None:
    """Lines over time; each row has `at`, `ms` and `count`. `by` says what the lines are: "channel" or "percentile".

    None where no callback with a known latency came.
    """
    is_of_channels = by == "channel"
    rows = [
        {
            "line": name,
            "name": channel_name(name) if is_of_channels else PERCENTILE_NAMES[name],
            "colour": (channel_colour(name) if is_of_channels else PERCENTILES[name]).css,
            "at": wall_clock(moment_of(row["at"]), zone),
            "when": f"{moment_of(row['at']).astimezone(ZoneInfo(zone)):%a %d %b, %H:%M}",
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
    first, last = (pick(moment_of(row["at"]) for found in lines.values() for row in found) for pick in (min, max))
    written = time_format((last - first).total_seconds() / 3_600)
    told = f"Callback latency over time by {by}, from {duration(min(values))} to {duration(max(values))}"
    return Drawing(
        _latency(by, written, duration_ticks(values, wide=is_wide(values)), is_wide(values), height), rows, told
    )


@cache
def _latency(by: str, written: str, ticks: tuple[int, ...], wide: bool, height: int) -> Specification:
    base = chart().encode(
        x=time_axis(written),
        y=alt.Y("ms:Q", title="latency", scale=duration_scale(wide=wide), axis=duration_axis(ticks)),
        color=own_colours(),
        detail="line:N",
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
            "name": channel_name(channel),
            "colour": channel_colour(channel).css,
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
            color=own_colours(),
            detail="channel:N",
            tooltip=[
                alt.Tooltip("name:N", title="Channel"),
                alt.Tooltip("span:N", title="Latency"),
                alt.Tooltip("count:Q", title="Callbacks", format=","),
            ],
        ),
        height,
    )


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
