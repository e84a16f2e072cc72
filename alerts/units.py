"""Units: what the value of a rule can be, and so where a limit on it can work.

Belongs here: the least and the most a limit may be, and why. Does not: any limit (thresholds.toml).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Unit:
    """Limits from `least` to `most` can be reached and can clear again; `why` says what is wrong with others."""

    name: str
    least: float
    most: float
    why: str

    def complaint(self, limit: str, value: float) -> str | None:
        """Why a limit can't be this value, and what it may be; None where it can. Not a number is none that can."""
        if self.least <= value <= self.most:
            return None
        return f"{limit} ({value:g}) must be from {self.least:g} to {_plain(self.most)} {self.name}: {self.why}"


_ALWAYS = "0 is reached always and cleared never"
_SHARE = f"{_ALWAYS}, and no share is above 100 %"
_COUNT = f"{_ALWAYS}, and nothing comes in greater numbers"
_UNITS = (
    Unit("percent", 0.001, 100, _SHARE),
    Unit("percent of the usual callbacks that are missing", 0.001, 100, _SHARE),
    Unit("messages", 1, 1_000_000_000, _COUNT),
    Unit("rows", 1, 1_000_000_000, _COUNT),
    Unit("ms", 1, 30 * 86_400_000, f"{_ALWAYS}, and nothing is waited for longer than 30 days"),
    Unit("minutes", 1, 10_080, f"{_ALWAYS}, and figures a week old are late by any limit"),
)
UNITS: Mapping[str, Unit] = MappingProxyType({unit.name: unit for unit in _UNITS})
TIMES = "times the usual rate"


def unit_of(name: str, usual_at_least_percent: float) -> Unit:
    """The unit of this name. Raises ValueError naming those there are.

    A rate of 100 % is the most times the usual when the usual is as low as it counts.
    """
    if name == TIMES:
        why = "less than the usual is no spike, and 100 % is no more times the least usual rate that counts"
        return Unit(TIMES, 1, 100 / usual_at_least_percent, why)
    if name not in UNITS:
        raise ValueError(f"unit {name!r} is none; there are: {', '.join((*UNITS, TIMES))}")
    return UNITS[name]


def _plain(number: float) -> str:
    return f"{number:,.10g}"
