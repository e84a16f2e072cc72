"""Panels: a titled part of a page, and the tables and rates inside.

Belongs here: their HTML. Does not: charts (*_charts.py), cards (cards.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import marimo as mo

from notebooks.look.numbers import count, percent
from notebooks.look.palette import STATUSES, Colour, channel_colour
from notebooks.look.words import STATUSES as STATUS_NAMES
from notebooks.look.words import channel


def panel(title: str, *inside: Any, note: str = "", link: str = "", wide: bool = False) -> str:
    """A titled card."""
    more = f'<a href="{escape(link)}" aria-label="{escape(title)}: details">Details →</a>' if link else ""
    about = f'<span class="about">{note}</span>' if note else ""
    return (
        f'<section class="corbi-panel{" wide" if wide else ""}" aria-label="{escape(title)}">'
        f'<h2>{escape(title)}{about}{more}</h2><div class="inside">{"".join(_html(item) for item in inside)}</div></section>'
    )


def grid(*panels: str, columns: int = 2) -> str:
    """Panels side by side where there is room, one under another on a phone."""
    return f'<div class="corbi-grid columns-{columns}">{"".join(panels)}</div>'


def _html(item: Any) -> str:
    return item if isinstance(item, str) else str(mo.as_html(item).text)


def drawn(chart: Any, height: int) -> str:
    """A chart in a place that has its height already, so that nothing moves when it comes."""
    return f'<div style="min-height:{height}px">{mo.as_html(chart).text}</div>'


def status_legend() -> str:
    """What the colours of messages mean, once for all charts of a panel."""
    return legend({name: STATUSES[code] for code, name in STATUS_NAMES.items()})


def channel_legend(codes: Iterable[str]) -> str:
    """What the colours of channels mean; nothing where there is but one."""
    found = {channel(code): channel_colour(code) for code in codes}
    return legend(found) if len(found) > 1 else ""


def legend(colours: Mapping[str, Colour]) -> str:
    """Names and their colours, wrapping where it must."""
    items = "".join(
        f'<li><i style="background:{colour.css}" aria-hidden="true"></i>{escape(name)}</li>'
        for name, colour in colours.items()
    )
    return f'<ul class="corbi-legend" aria-label="Colours">{items}</ul>'


def rates(rows: Sequence[tuple[str, float | None, float | None, str, str]]) -> str:
    """Rows of name, count, percent, what it is a percentage of, and colour: a bar as long as the rate."""
    items = "".join(
        f'<li><span class="name">{escape(name)}</span><span class="number">{count(number)}</span>'
        f'<span class="bar"><i style="width:{max(0.0, min(100.0, rate or 0.0)):.1f}%;background:{colour}"></i></span>'
        f'<span class="rate">{percent(rate)}{f" <small>{escape(of)}</small>" if of else ""}</span></li>'
        for name, number, rate, of, colour in rows
    )
    return f'<ul class="corbi-rates">{items}</ul>'


def table(columns: Sequence[tuple[str, str]], rows: Sequence[Mapping[str, str]], caption: str) -> str:
    """Columns of (key, heading); a key that ends with `#` holds numbers. Cells are HTML already."""
    head = "".join(f'<th scope="col"{_number(key)}>{escape(title)}</th>' for key, title in columns)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td data-label="{escape(title)}"{_number(key)}><div class="cell">{row[key]}</div></td>'
            for key, title in columns
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="corbi-table" tabindex="0" role="region" aria-label="{escape(caption)}"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _number(key: str) -> str:
    return ' class="number"' if key.endswith("#") else ""


def small(label: str) -> str:
    """The label of a control in our size: what is inside marimo's controls no style sheet of ours reaches."""
    return f'<span style="font:13px/1.4 var(--corbi-font);color:var(--corbi-muted)">{escape(label)}</span>'


def pill(text: str, kind: str) -> str:
    """A word in a coloured rounded box: a severity, a status."""
    return f'<span class="corbi-pill {escape(kind)}">{escape(text)}</span>'


def channel_chip(code: str) -> str:
    """A channel's name with its colour in front."""
    colour = channel_colour(code).css
    return (
        f'<span class="corbi-chip"><i style="background:{colour}" aria-hidden="true"></i>{escape(channel(code))}</span>'
    )
