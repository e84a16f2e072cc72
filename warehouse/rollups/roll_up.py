"""Recomputes the rollups of what was touched, and only of that.

Belongs here: which rows of which rollup are replaced. Does not: replacing them (slots.py, subjects.py), the
statements (families.py and the `.sql` files), what was touched (source/touched.py), days older than the raw window
(old_days.py), what is dropped (retention.py). Every function works within the caller's lake transaction.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date

from warehouse.lake.connection import Connection
from warehouse.lake.hours import day_of
from warehouse.lake.sql import days_sql
from warehouse.lake.state import Boundaries, Pending
from warehouse.rollups.families import CAMPAIGN, CHANNEL, CONTACT, EMAIL_JOB, FAILURE, ORGANIZATION
from warehouse.rollups.reasons import classify_new_templates
from warehouse.rollups.slots import replace_hours, replace_lingering
from warehouse.rollups.subjects import TOUCHED_FAILURES, replace_subjects
from warehouse.rollups.totals import CHANNEL_TOTAL, ORGANIZATION_TOTAL, refresh_total


@dataclass(frozen=True)
class RollupReport:
    """What one roll-up recomputed.

    `totals` names the tables of totals, `partitions` the UTC days whose rows were replaced, by rollup table.
    `trouble` says what could not be recomputed and waits, '' where nothing does.
    """

    hours: int = 0
    days: tuple[date, ...] = ()
    campaigns: int = 0
    email_jobs: int = 0
    new_templates: int = 0
    totals: tuple[str, ...] = ()
    partitions: Mapping[str, tuple[date, ...]] = field(default_factory=dict)
    trouble: str = ""


def roll_up(lake: Connection, pending: Pending, boundaries: Boundaries) -> RollupReport:
    """Recomputes the rollups of everything in `pending` from the raw tables."""
    lingering = {hour for hour in pending.organization_hours if day_of(hour) < boundaries.raw_from}
    replace_hours(lake, (CHANNEL, FAILURE), pending.channel_hours, boundaries)
    replace_hours(lake, (ORGANIZATION,), pending.organization_hours - lingering, boundaries)
    replace_lingering(lake, lingering, boundaries)
    replace_hours(lake, (CONTACT,), pending.contact_hours, boundaries)
    partitions: dict[str, Set[date]] = dict(_days_by_table(pending, boundaries))
    partitions |= replace_subjects(lake, EMAIL_JOB.recipients, pending.email_jobs, boundaries)
    partitions |= replace_subjects(lake, CAMPAIGN.recipients, pending.campaigns, boundaries)
    totals = _roll_up_totals(lake, pending)
    every_hour = pending.channel_hours | pending.organization_hours | pending.contact_hours
    return RollupReport(
        hours=len(every_hour),
        days=tuple(sorted({day_of(hour) for hour in every_hour})),
        campaigns=len(pending.campaigns),
        email_jobs=len(pending.email_jobs),
        new_templates=_classify_touched(lake, pending),
        totals=totals,
        partitions={table: tuple(sorted(days)) for table, days in partitions.items() if days},
    )


def merged_reports(reports: Iterable[RollupReport]) -> RollupReport:
    """What several roll-ups recomputed. Pure."""
    found = list(reports)
    tables = {table for report in found for table in report.partitions}
    return RollupReport(
        hours=sum(report.hours for report in found),
        days=tuple(sorted({day for report in found for day in report.days})),
        campaigns=sum(report.campaigns for report in found),
        email_jobs=sum(report.email_jobs for report in found),
        new_templates=sum(report.new_templates for report in found),
        totals=tuple(sorted({total for report in found for total in report.totals})),
        partitions={
            table: tuple(sorted({day for report in found for day in report.partitions.get(table, ())}))
            for table in sorted(tables)
        },
    )


def _classify_touched(lake: Connection, pending: Pending) -> int:
    """Gives the texts of touched failures their reasons; e-mail jobs fail with texts that messages failed with."""
    texts = []
    if pending.channel_hours:
        days = days_sql({day_of(hour) for hour in pending.channel_hours})
        texts.append(f"select channel, template from lake.rollup.failure_hour where day in ({days})")
    if pending.campaigns:
        texts.append(TOUCHED_FAILURES)
    return classify_new_templates(lake, " union all ".join(texts)) if texts else 0


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
    touched = {ORGANIZATION_TOTAL: pending.organization_hours, CHANNEL_TOTAL: pending.channel_hours}
    totals = [total for total, hours in touched.items() if hours or pending.totals]
    for total in totals:
        refresh_total(lake, total)
    return tuple(total.name for total in totals)
