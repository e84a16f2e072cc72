"""Every colour of the dashboards, and what it means: the one place where a colour is chosen.

Belongs here: colours for light and dark, and the style sheet made of them. Does not: which figure is drawn how
(*_charts.py, cards.py). A colour has one meaning everywhere: blues go from sent to read, vermilion is failure, the four
known channels have hues of their own and all others share six, severities go from slate over amber to crimson. Hues were
chosen so that people who see red and green alike tell them apart by blueness or lightness; where a colour alone would say
something, a word does too.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zlib import crc32


@dataclass(frozen=True)
class Colour:
    """One colour: the name of its CSS variable, and its value in light and in dark."""

    name: str
    light: str
    dark: str

    @property
    def css(self) -> str:
        """As CSS, Vega included: it follows the theme by itself."""
        return f"var(--corbi-{self.name})"


SURFACES = (
    Colour("ground", "#f5f6f8", "#12151a"),
    Colour("card", "#ffffff", "#1b1f27"),
    Colour("raised", "#f0f2f5", "#252b35"),
    Colour("line", "#dfe3ea", "#333b48"),
    Colour("grid", "#eaedf2", "#2a313c"),
    Colour("ink", "#161b26", "#edf0f5"),
    Colour("muted", "#566072", "#a3adbd"),
    Colour("link", "#2351a8", "#8fb4ff"),
    Colour("focus", "#2f6fed", "#8fb4ff"),
    Colour("good", "#157347", "#5fce9a"),
    Colour("bad", "#b3311f", "#ff8d78"),
)

STATUSES = {
    "read": Colour("read", "#1b4fae", "#4f86ee"),
    "delivered": Colour("delivered", "#5b93e6", "#7fb0ff"),
    "sent": Colour("sent", "#b4cff5", "#35507c"),
    "failed": Colour("failed", "#d9481c", "#ff7a4f"),
    "queued": Colour("queued", "#b9c0cb", "#5a6473"),
}
"""What became of a message. Opened is read; bounced, dropped and spam are failures."""

CHANNELS = {
    "whatsapp": Colour("whatsapp", "#2fa374", "#4cc794"),
    "email": Colour("email", "#7a52c4", "#a98aec"),
    "telegram": Colour("telegram", "#0b7285", "#3fb6cc"),
    "instagram": Colour("instagram", "#cf4f93", "#f083b9"),
}

OTHER_CHANNELS = (
    Colour("other-1", "#5a7a49", "#7e9f6d"),
    Colour("other-2", "#7d3188", "#f0a8fa"),
    Colour("other-3", "#424865", "#d0d9fe"),
    Colour("other-4", "#878f11", "#c9d179"),
    Colour("other-5", "#8b4956", "#f2b8c0"),
    Colour("other-6", "#604421", "#af7c3a"),
)
"""For any other channel: each has one of these, always the same."""

SEVERITIES = {
    "info": Colour("info", "#5b6779", "#94a1b5"),
    "warn": Colour("warn", "#a86200", "#f2ab3c"),
    "critical": Colour("critical", "#b0122f", "#ff6b81"),
}

PERCENTILES = {
    "p50": Colour("p50", "#9aa5b5", "#667386"),
    "p95": Colour("p95", "#4d5a6d", "#a7b3c4"),
    "p99": Colour("p99", "#161b26", "#edf0f5"),
}

INK, MUTED, GRID, LINE = (next(c for c in SURFACES if c.name == name) for name in ("ink", "muted", "grid", "line"))


def channel_colour(code: str) -> Colour:
    """A channel's colour; one that is not known keeps the one that its name falls to, on every page and day."""
    return CHANNELS.get(code) or OTHER_CHANNELS[crc32(code.encode()) % len(OTHER_CHANNELS)]


@cache
def style_sheet() -> str:
    """Colours as CSS variables for light and dark, then the style rules."""
    groups = (STATUSES, CHANNELS, SEVERITIES, PERCENTILES)
    colours = (*SURFACES, *OTHER_CHANNELS, *(colour for group in groups for colour in group.values()))
    light = "".join(f"--corbi-{colour.name}:{colour.light};" for colour in colours)
    dark = "".join(f"--corbi-{colour.name}:{colour.dark};" for colour in colours)
    rules = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
    return f":root{{{light}}}\n@media (prefers-color-scheme: dark){{:root{{{dark}}}}}\n{rules}"
