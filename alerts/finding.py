"""What a rule finds: a value that is worth looking at, with all that an alert will say.

Belongs here: the fingerprint, the finding, judging a value by the limits that apply. Does not: rules (rules/).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from alerts.thresholds import Applied
from alerts.vocabulary import Rule, Severity


class Fingerprint(NamedTuple):
    """What one alert is about; '' where a rule knows no channel or subject."""

    organization_id: int
    rule: Rule
    channel: str
    subject: str


@dataclass(frozen=True)
class Finding:
    """A value at or above the clearing limit; `severity` is None when it reaches no limit above that.

    `count` is how many things (messages, callbacks, …) the value is made of.
    """

    fingerprint: Fingerprint
    severity: Severity | None
    value: float
    threshold: float
    count: int
    title: str
    description: str
    applied: Applied
    details: Mapping[str, Any] = field(default_factory=dict)
    first_seen: datetime | None = None


def find(
    fingerprint: Fingerprint, applied: Applied, value: float, count: int, *, title: str, description: str,
    details: Mapping[str, Any] | None = None, first_seen: datetime | None = None,
    judged: tuple[Severity | None, float] | None = None,
) -> Finding | None:  # fmt: skip
    """The finding that a value is, or None when it is under the clearing limit.

    `judged` is for rules that know a value's severity from more than the value.
    """
    severity, threshold = judged or applied.limits.judge(value)
    if severity is None and value < applied.limits.clear:
        return None
    return Finding(
        fingerprint, severity, value, threshold, count, title,
        f"{description} Limit: {threshold:g} {applied.unit} ({applied.origin}).",
        applied, details or {}, first_seen,
    )  # fmt: skip


def percent(part: int, whole: int) -> float:
    """A share from 0 to 100; the whole is not 0."""
    return 100 * part / whole
