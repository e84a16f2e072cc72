"""The filters of a page: window, interval, channel, time zone; and their place in its address.

Belongs here: the controls, and what they select. Does not: what is asked for with it. A filter at its default is left
out of the address, so a copied address stays short and says what differs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import marimo as mo

from notebooks.look.numbers import parsed
from notebooks.look.panels import small
from notebooks.look.words import CHANNELS, INTERVALS, RANGES, channel

DEFAULTS = {"interval": "", "channel": "", "tz": "UTC"}
COMMON_ZONES = ("UTC", "Europe/Rome", "Europe/London", "Europe/Berlin", "America/New_York", "Asia/Kolkata")
AUTOMATIC = "Automatic"
ALL = "All channels"


@dataclass(frozen=True)
class Selection:
    """What the filters say. `start` and `end` are wall-clock times in `tz`, for a custom window."""

    range: str = "24h"
    interval: str = ""
    channel: str = ""
    tz: str = "UTC"
    start: str | None = None
    end: str | None = None

    @property
    def window(self) -> dict[str, str | None]:
        """The window alone, as the API's parameters and as a query string."""
        if self.range != "custom":
            return {"range": self.range, "tz": self.tz}
        return {"from": self.start, "to": self.end, "tz": self.tz}

    @property
    def parameters(self) -> dict[str, str | None]:
        """All of it as the API's parameters."""
        return {**self.window, "interval": self.interval or None, "channel": self.channel or None}

    @property
    def address(self) -> dict[str, str]:
        """All of it as a query string, without what is left at its default; the window is always told, since pages
        differ in theirs."""
        return {name: value for name, value in self.parameters.items() if value and DEFAULTS.get(name) != value}


def selected(values: Mapping[str, Any]) -> Selection:
    """The controls' values as a selection."""
    is_custom = values["range"] == "custom"
    return Selection(
        range=values["range"],
        interval=values["interval"],
        channel=values["channel"],
        tz=values["tz"],
        start=_minute(values["from"]) if is_custom else None,
        end=_minute(values["to"]) if is_custom else None,
    )


def window_controls(
    given: Mapping[str, str], now: datetime, channels: Iterable[str] = (), default: str = "24h"
) -> mo.ui.dictionary:
    """The controls, set as the address says; what can't be is ignored. `channels` are those to choose from."""
    zone = zone_of(given)
    is_custom = "from" in given
    chosen = "custom" if is_custom else given.get("range", default)
    return mo.ui.dictionary(
        {
            "range": choice(RANGES, chosen, default, "Window"),
            "from": mo.ui.datetime(
                value=_wall_clock(given.get("from"), zone, now - timedelta(days=1)), label=small("From")
            ),
            "to": mo.ui.datetime(value=_wall_clock(given.get("to"), zone, now), label=small("To")),
            "interval": choice({"": AUTOMATIC, **INTERVALS}, given.get("interval", ""), "", "Interval"),
            "channel": channel_choice(given, channels),
            "tz": choice({name: name for name in _zones(zone)}, zone, "UTC", "Time zone", searchable=True),
        }
    )


def zone_of(given: Mapping[str, str]) -> str:
    """The time zone of the address; UTC where it names none that exists."""
    asked = given.get("tz", "UTC")
    return asked if asked in available_timezones() else "UTC"


def shown(controls: mo.ui.dictionary, *more: Any, names: Sequence[str] = ("channel", "interval", "tz")) -> str:
    """The controls as a row; the two times only where a custom window is chosen. `more` are a page's own."""
    names = ["range", *(["from", "to"] if controls.value["range"] == "custom" else []), *names]
    return row(*(controls[name] for name in names), *more)


def row(*controls: Any) -> str:
    """Controls beside one another, wrapping where they must."""
    return f'<div class="corbi-filters" role="group" aria-label="Filters">{"".join(one.text for one in controls)}</div>'


def write_address(address: Mapping[str, str]) -> None:
    """Puts filters into the page's address, so that a reload and a copied link show the same."""
    present = mo.query_params()
    for name in [name for name in present if name not in address and name != "org"]:
        present.remove(name)
    for name, value in address.items():
        if present.get(name) != value:
            present.set(name, value)


def choice(
    names: Mapping[str, str], chosen: str, default: str, label: str, *, searchable: bool = False
) -> mo.ui.dropdown:
    """One of several names for codes; what is not among them counts as the default."""
    value = names.get(chosen, names[default])
    return mo.ui.dropdown(
        {name: code for code, name in names.items()}, value=value, label=small(label), searchable=searchable
    )


def channel_choice(given: Mapping[str, str], channels: Iterable[str]) -> mo.ui.dropdown:
    """All channels, or one of the known, of those that were found, or the one that the address names."""
    asked = given.get("channel", "").strip().lower()
    names = {"": ALL, **CHANNELS}
    for code in sorted({*channels, asked} - {*names}):
        name = channel(code)
        # Words that read alike (`a_b`, `a b`) stay apart by their code.
        names[code] = code if name in names.values() else name
    return choice(names, asked, "", "Channel")


def _zones(chosen: str) -> list[str]:
    common = [*COMMON_ZONES, *([chosen] if chosen not in COMMON_ZONES else [])]
    return common + sorted(
        name for name in available_timezones() - set(common) if "/" in name and not name.startswith("Etc")
    )


def _wall_clock(text: str | None, zone: str, default: datetime) -> datetime:
    """A time of the address on the clock of the zone; the default where it is none, or none on that clock."""
    try:
        at = parsed(text) or default
        at = at.astimezone(ZoneInfo(zone)) if at.tzinfo else at
    except (ValueError, OverflowError):
        at = default.astimezone(ZoneInfo(zone))
    return at.replace(tzinfo=None, second=0, microsecond=0)


def _minute(value: datetime | None) -> str | None:
    return value.isoformat(timespec="minutes") if value else None
