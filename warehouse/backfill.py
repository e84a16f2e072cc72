"""Reads days anew and recomputes their rollups, whatever the lake holds of them, as often as one likes.

Belongs here: which days may be asked for. Does not: how they are read (source/) and rolled up (rollups/).
"""

from datetime import UTC, date, datetime, timedelta

from warehouse.errors import BadRequestError
from warehouse.refresh import RefreshReport, refresh
from warehouse.settings import Settings
from warehouse.source.extract import Progress, no_progress
from warehouse.source.reading import Request


def backfill(settings: Settings, first: date, last: date, progress: Progress = no_progress) -> RefreshReport:
    """Re-reads the UTC days from `first` to `last`, both included, within a pass that reads all else that changed too.

    Days older than the daily rollups are passed over: their sums in the lifetime rows can't be taken apart again.
    Raises BadRequestError for an empty range or one that begins in the future, and what `refresh` raises.
    """
    today = datetime.now(UTC).date()
    if last < first:
        raise BadRequestError(f"The range of days is empty: from {first} to {last}. Give the earlier day first.")
    if first > today:
        raise BadRequestError(f"The days from {first} to {last} are in the future; today is {today} (UTC).")
    days = (first + timedelta(days=number) for number in range((min(last, today) - first).days + 1))
    return refresh(settings, Request(days=frozenset(days)), progress)
