"""What a verification says.

Belongs here: a difference and the report. Does not: finding them (compare.py).
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Difference:
    """One figure that two layers do not agree on; `key` says whose and of when, in words."""

    figure: str
    key: str
    measure: str
    expected: float
    found: float

    def __str__(self) -> str:
        return f"{self.figure} [{self.key}] {self.measure}: expected {self.expected:,g}, found {self.found:,g}"


@dataclass(frozen=True)
class VerifyReport:
    """All differences at one moment of the source, and how many figures were compared to find them.

    `mended` are the figures that an ordinary pass left wrong and this verification put right. `source_moved` says of
    one that only looked whether something was written since `as_of`, which a difference may come from.
    `set_aside` counts the source rows that can't be used, which neither side counts; `first_set_aside` names one.
    """

    as_of: datetime
    figures: int
    differences: tuple[Difference, ...]
    set_aside: int = 0
    first_set_aside: str = ""
    mended: tuple[Difference, ...] = ()
    source_moved: bool = False

    @property
    def is_equal(self) -> bool:
        """Whether every figure agrees."""
        return not self.differences
