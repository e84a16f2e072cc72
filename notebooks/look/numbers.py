"""How figures and times are written: 1,234; 12.3 %; 1.2 s; 25 Nov, 21:40.

Belongs here: numbers to text. Does not: what they mean. A missing number is a dash, never a zero.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

MISSING = "\N{EN DASH}"
SPACE = "\N{NO-BREAK SPACE}"


def count(number: float | None) -> str:
    """1,234."""
    return MISSING if number is None else f"{number:,.0f}"


def percent(number: float | None) -> str:
    """12.3 %; what is not nothing is not shown as 0.0 %."""
    if number is None:
        return MISSING
    if 0 < number < 0.05:
        return f"<{SPACE}0.1{SPACE}%"
    return f"{number:.1f}{SPACE}%"


def duration(ms: float | None) -> str:
    """From milliseconds: 812 ms, 1.2 s, 3.4 min, 2.5 h."""
    if ms is None:
        return MISSING
    for limit, length, unit in ((1_000, 1, "ms"), (60_000, 1_000, "s"), (3_600_000, 60_000, "min")):
        if ms < limit:
            return f"{ms / length:,.{0 if unit == 'ms' else 1}f}{SPACE}{unit}"
    return f"{ms / 3_600_000:,.1f}{SPACE}h"


def age(seconds: float | None) -> str:
    """How long ago, roughly: 12 s, 5 min, 3 h, 2 days."""
    if seconds is None:
        return MISSING
    for limit, length, unit in ((90, 1, "s"), (5_400, 60, "min"), (172_800, 3_600, "h")):
        if seconds < limit:
            return f"{seconds / length:.0f}{SPACE}{unit}"
    return f"{seconds / 86_400:.0f}{SPACE}days"


def signed_percent(number: float | None) -> str:
    """+12.3 %, -4.0 %; changes beyond tenfold lose their decimals."""
    if number is None:
        return MISSING
    return f"{number:+,.{0 if abs(number) >= 1_000 else 1}f}{SPACE}%".replace("-", "\N{MINUS SIGN}")


def moment(text: str | datetime | None, zone: str) -> str:
    """A time of the API in a zone, for reading: 25 Nov, 21:40."""
    at = parsed(text)
    return MISSING if at is None else f"{at.astimezone(ZoneInfo(zone)):%d %b, %H:%M}"


def clock(text: str | datetime | None, zone: str) -> str:
    """The time of day with seconds."""
    at = parsed(text)
    return MISSING if at is None else f"{at.astimezone(ZoneInfo(zone)):%H:%M:%S}"


def parsed(text: str | datetime | None) -> datetime | None:
    """A time as the API writes it (ISO 8601 with Z)."""
    return datetime.fromisoformat(text) if isinstance(text, str) else text
