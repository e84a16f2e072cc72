"""Recomputes the rollups of what was touched, and only of that.

Belongs here: which rows of which rollup are replaced. Does not: replacing those of hours (slots.py), the
statements (families.py and the `.sql` files), what was touched (source/touched.py), days older than the raw window
(old_days.py), what is dropped (retention.py). Every function works within the caller's lake transaction.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date

from warehouse.hours import day_of
from warehouse.lake import Connection
from warehouse.rollups.families import CHANNEL, CONTACT, FAILURE, ORGANIZATION, SUBJECTS, Subject
from warehouse.rollups.reasons import classify_new_templates
from warehouse.rollups.slots import replace_hours, replace_lingering
from warehouse.rollups.totals import total_channels, total_organizations
from warehouse.source.tables import BY_RAW
from warehouse.state import Boundaries, Pending


@dataclass(frozen=True)
class RollupReport:
    """What one roll-up recomputed.

    `totals` names the tables of totals, `partitions` the UTC days whose rows were replaced, by rollup table.
    """

    hours: int = 0
    days: tuple[date, ...] = ()
    campaigns: int = 0
    email_jobs: int = 0
    new_templates: int = 0
    totals: tuple[str, ...] = ()
    partitions: Mapping[str, tuple[date, ...]] = field(default_factory=dict)


def roll_up(lake: Connection, pending: Pending, boundaries: Boundaries) -> RollupReport:
    """Recomputes the rollups of everything in `pending` from the raw tables."""
    lingering = {hour for hour in pending.organization_hours if day_of(hour) < boundaries.raw_from}
    replace_hours(lake, (CHANNEL, FAILURE), pending.channel_hours, boundaries)
    replace_hours(lake, (ORGANIZATION,), pending.organization_hours - lingering, boundaries)
    replace_lingering(lake, lingering, boundaries)
    replace_hours(lake, (CONTACT,), pending.contact_hours, boundaries)
    partitions: dict[str, Set[date]] = dict(_days_by_table(pending, boundaries))
    for subject, touched in zip(SUBJECTS, (pending.campaigns, pending.email_jobs), strict=True):
        since = BY_RAW[subject.recipients].first_day(boundaries.raw_from)
        partitions[f"{subject.name}_day"] = _replace_subjects(lake, subject, touched, since)
    totals = _roll_up_totals(lake, pending)
    every_hour = pending.channel_hours | pending.organization_hours | pending.contact_hours
    return RollupReport(
        hours=len(every_hour),
        days=tuple(sorted({day_of(hour) for hour in every_hour})),
        campaigns=len(pending.campaigns),
        email_jobs=len(pending.email_jobs),
        new_templates=classify_new_templates(lake) if pending.channel_hours else 0,
        totals=totals,
        partitions={table: tuple(sorted(days)) for table, days in partitions.items() if days},
    )


def _days_by_table(pending: Pending, held: Boundaries) -> Iterator[tuple[str, set[date]]]:
    touched = {
        CHANNEL: pending.channel_hours,
        FAILURE: pending.channel_hours,
        ORGANIZATION: pending.organization_hours,
        CONTACT: pending.contact_hours,
    }
    for family, hours in touched.items():
        days = {day_of(hour) for hour in hours}
        for slot, first in (("5m", held.five_minute_from), ("hour", held.hour_from), ("day", held.day_from)):
            yield f"{family.name}_{slot}", {day for day in days if day >= first}


def _roll_up_totals(lake: Connection, pending: Pending) -> tuple[str, ...]:
    """Brings the totals up to date that something touched; returns their names."""
    totals = []
    if pending.totals or pending.organization_hours:
        total_organizations(lake)
        totals.append("organization_total")
    if pending.totals or pending.channel_hours:
        total_channels(lake)
        totals.append("channel_total")
    return tuple(totals)


def _replace_subjects(lake: Connection, subject: Subject, touched: Set[int], since: date) -> set[date]:
    """Replaces the rows of some campaigns or e-mail jobs since a day; returns the days that have rows now."""
    if not touched:
        return set()
    lake.execute("create or replace temp table touched_id as select unnest(?::bigint[]) as id", [sorted(touched)])
    table = f"lake.rollup.{subject.name}_day"
    lake.execute(f"delete from {table} where {subject.key} in (from touched_id) and day >= date '{since}'")
    lake.execute(f"insert into {table} by name {subject.select(f'r.{subject.key} in (from touched_id)')}")
    days = lake.execute(
        f"select distinct day from {table} where {subject.key} in (from touched_id) and day >= date '{since}'"
    )
    return {row[0] for row in days.fetchall()}
