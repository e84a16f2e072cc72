"""Failures: by reason, and two windows side by side.

Belongs here: these charts. Does not: style (drawing.py).
"""

from collections.abc import Mapping, Sequence
from functools import cache
from urllib.parse import urlencode

import altair as alt

from notebooks.look.drawing import Drawing, Row, Specification, chart, colours, count_axis, own_colours, specification
from notebooks.look.numbers import count, percent
from notebooks.look.palette import MUTED, STATUSES, channel_colour
from notebooks.look.words import channel as channel_name
from notebooks.look.words import reason as reason_name


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
            "place": place,
            "name": channel_name(channel),
            "colour": channel_colour(channel).css,
            "count": one["count"],
            "all": totals[one["reason"]],
            "label": count(totals[one["reason"]]),
            "share": percent(100 * totals[one["reason"]] / whole),
            "room": max(totals.values()) * 1.18,
            "url": f"{href}&{urlencode({'reason': one['reason'], 'channel': channel})}",
        }
        for place, (channel, found) in enumerate(by_channel.items())
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
        color=own_colours(),
        detail="channel:N",
        order=alt.Order("place:Q"),
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
