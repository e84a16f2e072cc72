"""What all charts have in common: how a specification becomes a picture on a page.

Belongs here: data put into a specification, the shared style, axes, scales. Does not: kinds of charts (charts.py).
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
    "datum.value / 60000 + ' min'"
)
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


def duration_axis(*, wide: bool, grid: bool = True) -> alt.Axis:
    """Durations with their units."""
    return alt.Axis(
        labelExpr=DURATION_LABELS, tickCount=4, grid=grid, domain=not grid, ticks=not grid, labelOverlap=wide
    )


def duration_scale(*, wide: bool) -> alt.Scale:
    """Logarithmic where latencies differ manifold, else from zero up."""
    return alt.Scale(type="log", nice=True) if wide else alt.Scale(zero=True)


def colours(of: Mapping[str, Colour], column: str) -> alt.Color:
    """The palette's colours. Legends are HTML beside the charts (panels.py): Vega's don't wrap on a phone."""
    scale = alt.Scale(domain=list(of), range=[colour.css for colour in of.values()])
    return alt.Color(column, scale=scale, legend=None)
