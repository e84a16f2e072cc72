"""Why messages failed: normalized reasons, and the masked error texts under them.

Belongs here: counting them in a window, the top of them. Does not: which text means what (warehouse/failure_reasons/).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from warehouse.channels import in_order
from warehouse.queries.cover import cover
from warehouse.queries.scope import OrganizationLake
from warehouse.queries.window import Window

TEMPLATES_SHOWN = 3
"""The commonest masked texts that are named under a reason."""


@dataclass(frozen=True)
class FailureTemplate:
    """A masked error text; '' where the provider gave none."""

    channel: str
    template: str
    reason: str
    count: int


@dataclass(frozen=True)
class FailureReason:
    """A normalized reason, its share of the failures it is one of (0 to 1), and its commonest texts."""

    reason: str
    count: int
    share: float
    templates: tuple[FailureTemplate, ...]


def read_failures(lake: OrganizationLake, window: Window, starts: Sequence[datetime] = ()) -> list[FailureTemplate]:
    """Failed messages of a window by channel and masked text, the commonest first."""
    rows = lake.rows("failure_counts", fragments={"cover": cover(window, starts, lake.held).sql("failure")})
    return [FailureTemplate(*row) for row in rows]


def by_channel(failures: Sequence[FailureTemplate]) -> dict[str, list[FailureTemplate]]:
    """The known channels in their order, then any other that failures name."""
    channels = in_order(failure.channel for failure in failures)
    return {channel: [failure for failure in failures if failure.channel == channel] for channel in channels}


def reason_counts(failures: Sequence[FailureTemplate]) -> dict[str, int]:
    """Failures by reason, the commonest first."""
    counts: dict[str, int] = {}
    for failure in failures:
        counts[failure.reason] = counts.get(failure.reason, 0) + failure.count
    return dict(sorted(counts.items(), key=_commonest_first))


def top_reasons(failures: Sequence[FailureTemplate], top: int) -> list[FailureReason]:
    """The `top` commonest reasons, each with its commonest texts; `failures` come the commonest first."""
    counts = reason_counts(failures)
    total = sum(counts.values())
    return [
        FailureReason(reason, count, count / total, tuple(f for f in failures if f.reason == reason)[:TEMPLATES_SHOWN])
        for reason, count in list(counts.items())[:top]
    ]


def _commonest_first(item: tuple[str, int]) -> tuple[int, str]:
    reason, count = item
    return -count, reason
