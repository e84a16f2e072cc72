"""What all charts have in common: how a specification becomes a picture on a page.

Belongs here: data put into a specification, the shared style, axes, scales. Does not: kinds of charts (*_charts.py).
Altair checks each part of a chart while it is built, which takes longer than all else a page does; so a kind of chart is
built and checked once, and each picture of it is that specification with other data.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import altair as alt

from notebooks.look.palette import GRID, LINE, MUTED, Colour

Row = Mapping[str, Any]
Specification = Mapping[str, Any]

MIME = "application/vnd.vegalite.v6+json"
FONT = "system-ui, -apple-system, Segoe UI, Roboto, DejaVu Sans, Arial, sans-serif"
COUNT_LABELS = (
    "datum.value >= 1e6 ? format(datum.value / 1e6, ',.1~f') + ' M' : datum.value >= 1e4 ? "
    "format(datum.value / 1e3, ',.1~f') + ' k' : format(datum.value, ',')"
)
DURATION_LABELS = (
    "datum.value < 1000 ? datum.value + ' ms' : datum.value < 60000 ? datum.value / 1000 + ' s' : "
    "datum.value < 3.6e6 ? datum.value / 60000 + ' min' : datum.value / 3.6e6 + ' h'"
)
ROUND_MS = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 60_000, 180_000, 600_000, 1_800_000, 3_600_000,
            10_800_000, 36_000_000, 108_000_000, 360_000_000)  # fmt: skip
STEPS_MS = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 60_000, 120_000, 300_000, 600_000, 1_200_000,
            3_600_000, 7_200_000, 21_600_000, 86_400_000)  # fmt: skip
TICKS = 5
WIDE = 6
"""From this ratio of the slowest to the fastest on, latencies are drawn on a logarithmic scale."""


@dataclass(frozen=True)
class Drawing:
    """A picture: a checked specification, its rows, what it says to those who can't see it, and values of its params."""

    specification: Specification
    rows: Sequence[Row]
    description: str
    params: Mapping[str, str] = field(default_factory=dict)

    def _mime_(self) -> tuple[str, str]:
        """As marimo draws it."""
        values = [{"name": name, "value": value} for name, value in self.params.items()]
        own = {
            "data": {"values": self.rows},
            "description": self.description,
            "params": [*self.specification.get("params", ()), *values],
        }
        return MIME, json.dumps({**self.specification, **own}, separators=(",", ":"))


def chart() -> alt.Chart:
    """A chart whose rows come later."""
    return alt.Chart(alt.Data(values=[]))  # type: ignore[no-untyped-call]


def specification(built: Any, height: int) -> Specification:
    """One look: as wide as its place, quiet grid, legible text, SVG, no menu. Raises what Altair finds wrong with it."""
    made: dict[str, Any] = (
        built.properties(
            width="container",
            height=height,
            background="transparent",
            usermeta={"embedOptions": {"actions": False, "renderer": "svg"}},
        )
        .configure(font=FONT, autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))
        .configure_view(stroke=None, fill=None)
        .configure_axis(
            labelColor=MUTED.css,
            titleColor=MUTED.css,
            gridColor=GRID.css,
            domainColor=LINE.css,
            tickColor=LINE.css,
            labelFontSize=11,
            titleFontSize=11,
            titleFontWeight="normal",
            labelPadding=6,
            titlePadding=8,
        )
        .to_dict()
    )
    return {name: part for name, part in made.items() if name not in ("data", "datasets")}


def time_format(hours: float) -> str:
    """Hours, days or months, whatever a span is told by best."""
    for limit, written in ((26, "%H:%M"), (24 * 15, "%a %d"), (24 * 120, "%d %b")):
        if hours <= limit:
            return written
    return "%b %y"


def time_axis(written: str) -> alt.X:
    """Time from left to right."""
    axis = alt.Axis(format=written, labelOverlap=True, labelSeparation=8, tickCount=7, grid=False, labelBound=True)
    return alt.X("at:T", title=None, axis=axis, scale=alt.Scale(type="utc", nice=False))


def count_axis() -> alt.Axis:
    """Counts: 1,234; 12.3 k; 1.2 M."""
    return alt.Axis(labelExpr=COUNT_LABELS, tickCount=4, tickMinStep=1, domain=False, ticks=False)


def is_wide(values: Sequence[float]) -> bool:
    """Whether latencies differ manifold."""
    return max(values) > WIDE * min(values)


def duration_ticks(values: Sequence[float], *, wide: bool) -> tuple[int, ...]:
    """Round durations that lie among the values: 1 s and 10 min rather than 1.67 min."""
    low, high = min(values), max(values)
    if not wide:
        step = next((step for step in STEPS_MS if high / step <= TICKS), STEPS_MS[-1])
        return tuple(range(0, int(high) + step, step))
    found = [tick for tick in ROUND_MS if low / 2 <= tick <= high * 2]
    return tuple(found[:: 1 + (len(found) - 1) // (TICKS + 2)])


def duration_axis(ticks: Sequence[int], *, grid: bool = True) -> alt.Axis:
    """Durations with their units."""
    return alt.Axis(labelExpr=DURATION_LABELS, values=list(ticks), grid=grid, domain=not grid, ticks=not grid)


def duration_scale(*, wide: bool) -> alt.Scale:
    """Logarithmic where latencies differ manifold, else from zero up."""
    return alt.Scale(type="log", nice=True) if wide else alt.Scale(zero=True)


def own_colours() -> alt.Color:
    """Each row's own colour, from its column `colour`: which channels there are nobody knows before the rows are there."""
    return alt.Color("colour:N", scale=None, legend=None)


def colours(of: Mapping[str, Colour], column: str) -> alt.Color:
    """The palette's colours. Legends are HTML beside the charts (panels.py): Vega's don't wrap on a phone."""
    scale = alt.Scale(domain=list(of), range=[colour.css for colour in of.values()])
    return alt.Color(column, scale=scale, legend=None)
