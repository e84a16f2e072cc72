"""Times on charts: wall-clock times of a zone, written as if they were UTC, since Vega knows no zones.

Belongs here: the API's times to what a chart is given. Does not: axes (drawing.py).
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from notebooks.look.numbers import parsed


def moment_of(text: str) -> datetime:
    """A time of the API."""
    at = parsed(text)
    assert at is not None  # noqa: S101 - narrows the type: a text is always parsed to a time
    return at


def wall_clock(at: datetime, zone: str) -> str:
    """The wall-clock time in a zone, written as UTC."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
