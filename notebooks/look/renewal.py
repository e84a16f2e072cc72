"""How a page gets new figures: by itself after a while, or at once when somebody asks.

Belongs here: the controls. Does not: asking (the apps' last cells), and saying how old figures are (frame.py).
"""

from collections.abc import Callable

import marimo as mo

from notebooks.look.panels import small


def every(seconds: int) -> mo.ui.refresh:
    """Ticks; a person may choose another pace, or tick it."""
    return mo.ui.refresh(default_interval=f"{seconds}s", label=small("Refresh"))


def at_once(set_forced: Callable[[bool], None]) -> mo.ui.button:
    """Says that a pass over the operational database is to be asked for with the next figures."""
    return mo.ui.button(
        label=small("Get new figures"),
        tooltip="Asks for a pass over the operational database now",
        on_click=lambda _: set_forced(True),
    )
