"""Lists that are longer than a page.

Belongs here: where in the list one is, and the buttons to the parts before and after. Does not: the rows (panels.table).
"""

from collections.abc import Callable

import marimo as mo

from notebooks.look.numbers import count
from notebooks.look.panels import small

ROWS = 25


def pager(offset: int, total: int | None, move: Callable[[int], None], rows: int = ROWS) -> mo.Html:
    """`Rows 26 to 50 of 134`, and the buttons that are of use; `move` gets the offset to go to."""
    if not total:
        return mo.Html("")
    last = min(offset + rows, total)
    said = f'<span role="status">Rows {count(offset + 1)} to {count(last)} of {count(total)}</span>'
    buttons = [
        _button(name, target, move)
        for name, target, is_there in (
            ("Previous", max(0, offset - rows), offset > 0),
            ("Next", offset + rows, last < total),
        )
        if is_there
    ]
    return mo.Html(
        f'<div class="corbi-bar">{said}<span class="spacer"></span>{"".join(one.text for one in buttons)}</div>'
    )


def _button(name: str, target: int, move: Callable[[int], None]) -> mo.ui.button:
    return mo.ui.button(label=small(name), on_click=lambda _: move(target))


def id_of(text: str | None) -> str | None:
    """The number of the one thing that the address asks for; None where it asks for the list."""
    return text if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def offset_of(text: str | None) -> int:
    """Where the address says one is; what is no number is the beginning."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else 0
