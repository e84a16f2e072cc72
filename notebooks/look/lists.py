"""Lists that are longer than a page.

Belongs here: where in the list one is, and the buttons to the parts before and after. Does not: the rows (panels.table).
"""

from collections.abc import Callable, Mapping
from functools import partial

import marimo as mo

from notebooks.look.numbers import count
from notebooks.look.panels import small

ROWS = 25


def ways(offset: int, total: int | None, move: Callable[[int], None], rows: int = ROWS) -> mo.ui.dictionary:
    """The buttons that are of use; `move` gets the offset to go to. A notebook binds them to a global name: marimo
    forgets controls that have none."""
    targets = {}
    if offset > 0:
        targets["Previous"] = max(0, offset - rows)
    if offset + rows < (total or 0):
        targets["Next"] = offset + rows
    return buttons({name: partial(move, target) for name, target in targets.items()})


def buttons(actions: Mapping[str, Callable[[], None]]) -> mo.ui.dictionary:
    """A button for each name."""

    def button(name: str, act: Callable[[], None]) -> mo.ui.button:
        return mo.ui.button(label=small(name), on_click=lambda _: act())

    return mo.ui.dictionary({name: button(name, act) for name, act in actions.items()})


def pager(offset: int, total: int | None, found: mo.ui.dictionary, rows: int = ROWS) -> str:
    """`Rows 26 to 50 of 134`, and the buttons."""
    said = f"Rows {count(offset + 1)} to {count(min(offset + rows, total))} of {count(total)}" if total else ""
    return bar(said, found)


def bar(said: str, found: mo.ui.dictionary) -> str:
    """What is said of where one is, and the buttons to the right of it."""
    right = "".join(one.text for one in found.elements.values())
    return f'<div class="corbi-bar"><span role="status">{said}</span><span class="spacer"></span>{right}</div>'


def id_of(text: str | None) -> str | None:
    """The number of the one thing that the address asks for; None where it asks for the list."""
    return text if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def offset_of(text: str | None) -> int:
    """Where the address says one is; what is no number is the beginning."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else 0
