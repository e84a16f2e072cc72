"""What must hold, as asset checks that run every hour and whenever somebody asks.

Belongs here: each claim, its judgement as a result with the differences. Does not: comparing (warehouse/verify/).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg

from pipelines.assets.served import FIGURES_KEY
from pipelines.ops import WRITERS
from warehouse.errors import WarehouseEmptyError
from warehouse.refresh import roll_up_pending, writing_lake
from warehouse.settings import Settings
from warehouse.status import read_status
from warehouse.verify import Difference, raw_equals_source, rollups_equal_raw

OLDEST_FRESH = timedelta(minutes=20)
"""Twice the time after which even a quiet source is read again (warehouse.watch.QUIET_PASS_EVERY)."""

_SHOWN_DIFFERENCES = 50


@dg.asset_check(
    asset=FIGURES_KEY,
    name="raw_equals_source",
    pool=WRITERS,
    description="Every raw table has, for every day it keeps, the rows and ids that the operational database has.",
)
def raw_equals_source_check(settings: dg.ResourceParam[Settings]) -> dg.AssetCheckResult:
    """Compared in one snapshot, after a pass in it, so that what moves meanwhile makes no difference."""
    return no_difference(raw_equals_source(settings))


@dg.asset_check(
    asset=FIGURES_KEY,
    name="rollups_equal_raw",
    pool=WRITERS,
    description="Every rollup of the days that are kept raw equals the same rollup computed anew, sketches included.",
)
def rollups_equal_raw_check(settings: dg.ResourceParam[Settings]) -> dg.AssetCheckResult:
    """What waits to be rolled up is rolled up first: it is work in hand, not a difference."""
    with writing_lake(settings) as lake:
        roll_up_pending(lake)
    return no_difference(rollups_equal_raw(settings))


@dg.asset_check(
    asset=FIGURES_KEY,
    name="figures_are_fresh",
    description="The snapshot that the figures stand for is young enough, however quiet the source is.",
)
def figures_are_fresh_check(settings: dg.ResourceParam[Settings]) -> dg.AssetCheckResult:
    """An old snapshot means that passes stopped, fail, or wait."""
    try:
        return fresh(read_status(settings).rolled_up_as_of, datetime.now(UTC))
    except WarehouseEmptyError:
        return fresh(None, datetime.now(UTC))


def no_difference(differences: Sequence[Difference]) -> dg.AssetCheckResult:
    """Passed when there is none; the first differences are told in words."""
    listed = "\n".join(f"- {difference}" for difference in differences[:_SHOWN_DIFFERENCES])
    return dg.AssetCheckResult(
        passed=not differences,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"{len(differences):,} differences." if differences else "No difference.",
        metadata={
            "difference_count": dg.MetadataValue.int(len(differences)),
            "differences": dg.MetadataValue.md(listed or "none"),
        },
    )


def fresh(as_of: datetime | None, now: datetime) -> dg.AssetCheckResult:
    """Passed when the figures' snapshot is young enough at `now`; None: there are no figures yet."""
    if as_of is None:
        return dg.AssetCheckResult(
            passed=False,
            severity=dg.AssetCheckSeverity.ERROR,
            description="There are no figures yet: run the job `refresh`, or see why its runs fail.",
        )
    age = now - as_of
    return dg.AssetCheckResult(
        passed=age <= OLDEST_FRESH,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"The figures are {age.total_seconds():,.0f} s old.",
        metadata={
            "as_of": dg.MetadataValue.timestamp(as_of),
            "age_seconds": dg.MetadataValue.float(round(age.total_seconds(), 1)),
            "limit_seconds": dg.MetadataValue.float(OLDEST_FRESH.total_seconds()),
        },
    )


CHECKS = (raw_equals_source_check, rollups_equal_raw_check, figures_are_fresh_check)
