"""Summary cards: a figure, its change against the window before, and how it ran.

Belongs here: their HTML and the sparkline. Does not: which figures there are (the notebooks).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from notebooks.look.numbers import count, signed_percent

Tone = Literal["more_is_good", "more_is_bad", "neutral"]
WIDTH, HEIGHT = 120, 32


@dataclass(frozen=True)
class Card:
    """`note` is a second line, `href` what the figure is made of; `colour` is the sparkline's."""

    label: str
    value: float | None
    change_percent: float | None
    before: str
    href: str
    spark: Sequence[float] = ()
    tone: Tone = "neutral"
    note: str = ""
    colour: str = "var(--corbi-muted)"


def cards(items: Sequence[Card]) -> str:
    """A row of cards that wraps."""
    return f'<ul class="corbi-cards">{"".join(_card(item) for item in items)}</ul>'


def _card(card: Card) -> str:
    return (
        f'<li><a class="corbi-card" href="{escape(card.href)}" data-figure="{escape(card.label)}">'
        f'<span class="label">{escape(card.label)}</span><span class="value">{count(card.value)}</span>'
        f'<span class="note">{card.note}</span>{_change(card)}{sparkline(card.spark, card.colour)}</a></li>'
    )


def _change(card: Card) -> str:
    """Arrow, sign and words: the colour says it once more, never alone."""
    if card.change_percent is None:
        return f'<span class="change" title="Compared with {escape(card.before)}">no comparison</span>'
    is_more = card.change_percent > 0
    kind = "" if card.tone == "neutral" or card.change_percent == 0 else _judged(is_more, card.tone)
    arrow = "→" if card.change_percent == 0 else "↑" if is_more else "↓"
    return (
        f'<span class="change {kind}" title="Compared with {escape(card.before)}">{arrow}\N{NO-BREAK SPACE}'
        f"{signed_percent(card.change_percent)}</span>"
    )


def _judged(is_more: bool, tone: Tone) -> str:
    return "good" if is_more == (tone == "more_is_good") else "bad"


def sparkline(values: Sequence[float], colour: str) -> str:
    """The run of a figure, from zero up, without axes; hidden from screen readers, who have the figure."""
    if len(values) < 2:
        return '<svg class="spark" aria-hidden="true"></svg>'
    top = max(*values, 1)
    step = WIDTH / (len(values) - 1)
    points = [f"{place * step:.1f},{HEIGHT - 2 - value / top * (HEIGHT - 4):.1f}" for place, value in enumerate(values)]
    line = " ".join(points)
    return (
        f'<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">'
        f'<polygon points="0,{HEIGHT} {line} {WIDTH},{HEIGHT}" fill="{colour}" opacity="0.14"></polygon>'
        f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.6" vector-effect="non-scaling-stroke">'
        "</polyline></svg>"
    )
