"""Loads everything anew in the place of what the lake holds: in one lake transaction, or not at all.

Belongs here: what would be lost by it. Does not: a first load (source/extract.py).
Readers see the old lake until the commit; whatever fails before it leaves the lake as it was.
"""

from typing import Any

import duckdb

from warehouse.errors import WouldLoseError
from warehouse.lake.compaction import compact_if_due
from warehouse.lake.connection import Connection
from warehouse.lake.damage import settle_damage
from warehouse.lake.state import read_state
from warehouse.lake.trouble import reason
from warehouse.queries.measures import MEASURES
from warehouse.refresh import RefreshReport, reading_source, roll_up_within, writing_lake
from warehouse.settings import Settings
from warehouse.source.extract import Progress, no_progress

_MESSAGES = f"sum({MEASURES['outbound']} + {MEASURES['inbound']})::bigint"
_FIGURES = f"""
    select day, {_MESSAGES} as messages from lake.rollup.channel_day group by day
    union all
    select null, {_MESSAGES} from lake.rollup.channel_lifetime
"""


def reload(settings: Settings, progress: Progress = no_progress, *, may_lose: bool = False) -> RefreshReport:
    """Loads everything anew.

    Raises WouldLoseError, unless `may_lose`, where the lake has figures of days that the source has no messages of any
    more, or can't be read to know; and what `refresh` raises. The lake then stays as it is.
    """
    with writing_lake(settings) as lake:
        unread = _remember(lake)
        if unread and not may_lose:
            raise WouldLoseError(
                f"What the lake holds can't be read ({unread}), so that nobody knows whether the operational database "
                "still has all of it. To load everything anew nevertheless, add --yes."
            )
        with reading_source(lake, settings, progress=progress, anew=True) as extracted:
            rolled_up = roll_up_within(lake)
            lost = "" if unread else _lost(lake)
            if lost and not may_lose:
                raise WouldLoseError(
                    f"A reload would lose figures that the operational database has no rows of any more: {lost}. "
                    "If that is meant, add --yes."
                )
        if lost:
            progress(f"lost: {lost}")
        settle_damage(settings)
        return RefreshReport(extracted, rolled_up, compact_if_due(lake, settings))


def _remember(lake: Connection) -> str:
    """Keeps the figures of each day aside; returns why that can't be done, '' where it can."""
    try:
        lake.execute(f"create or replace temp table figures_before as {_FIGURES}")
    except duckdb.CatalogException:
        # Nothing was loaded yet.
        lake.execute("create or replace temp table figures_before (day date, messages bigint)")
    except duckdb.Error as error:
        return reason(error)
    return ""


def _lost(lake: Connection) -> str:
    """The days that had messages and have none now, and the messages missing from what is older; '' for none."""
    lake.execute(f"create or replace temp table figures_now as {_FIGURES}")
    kept_from = read_state(lake).boundaries.day_from
    days, first, last, messages = _row(
        lake,
        f"""
        select count(*), min(day), max(day), sum(messages)::bigint from figures_before
        where messages > 0 and day >= date '{kept_from}'
            and day not in (select day from figures_now where messages > 0 and day is not null)
        """,
    )
    older = f"(select coalesce(sum(messages), 0) from {{}} where day is null or day < date '{kept_from}')"
    (missing,) = _row(lake, f"select ({older.format('figures_before')} - {older.format('figures_now')})::bigint")
    lost = [f"{messages:,} messages of {days:,} days, {first} to {last}"] if days else []
    lost += [f"{missing:,} messages written before {kept_from}"] if missing > 0 else []
    return "; ".join(lost)


def _row(lake: Connection, sql: str) -> tuple[Any, ...]:
    return lake.execute(sql).fetchall()[0]
