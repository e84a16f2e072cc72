"""Rows older than the raw window: staged for just the time it takes to roll their days up.

Belongs here: which old days changed in the source, and staging all that their rollups need as the views `old_<raw>`
(staged rows and raw rows together; `is_late` marks those that the lifetime rows lack). Does not: rolling them up
(rollups/old_days.py), what these count already (counted.py). Everything works within the caller's lake transaction.
"""

from collections.abc import Set
from datetime import date

from warehouse.lake.connection import Connection
from warehouse.lake.sql import as_json, statement, texts_sql
from warehouse.lake.state import Boundaries, PipelineState
from warehouse.source.counted import find_late, remember_leaving, remember_staged
from warehouse.source.merge import midnight, occurred, stage_before, stage_where
from warehouse.source.reading import changed_since, within_days
from warehouse.source.snapshot import Snapshot, source_rows
from warehouse.source.tables import BY_RAW, EMAIL_ENDINGS, SOURCE_TABLES, SourceTable
from warehouse.source.usable import EARLIEST
from warehouse.source.words import channel_at_source, stripped_at_source

_DATED = tuple(table for table in SOURCE_TABLES if table.occurred_at and table.is_rolled_up)
_KEPT_RAW_ONLY = tuple(table for table in SOURCE_TABLES if table.occurred_at and not table.is_rolled_up)


def stage_all_old_rows(lake: Connection, schema: str, boundaries: Boundaries) -> set[date]:
    """Stages every row older than the raw window; returns their days. For a first load."""
    days: set[date] = set()
    late: dict[str, str] = {}
    for table in _KEPT_RAW_ONLY:
        # What is older than any row can be is not old but wrong, and is set aside.
        stage_before(lake, schema, table, EARLIEST.date(), into=f"staged_{table.raw}")
    for table in _DATED:
        stage_before(lake, schema, table, table.first_day(boundaries.raw_from), into=f"staged_{table.raw}")
        late[table.raw] = find_late(lake, table.raw, boundaries.day_from)
        _view(lake, table, late[table.raw])
        lake.execute(
            f"""
            insert into lake.meta.old_day
            select '{table.raw}', day, count(*) from staged_{table.raw}
            where day >= date '{boundaries.day_from}'
            group by all
            """
        )
        days |= {row[0] for row in lake.execute(f"select distinct day from staged_{table.raw}").fetchall()}
    remember_staged(lake, late, {day for day in days if day >= boundaries.day_from})
    return days


def stage_old_days(
    lake: Connection, schema: str, boundaries: Boundaries, days: Set[date], *, is_counted_known: bool
) -> None:
    """Stages all rows that the rollups of some old days are made of.

    Of days older than the daily tables no row is late where it is not known which are counted: all are from now on.
    """
    older = any(day < boundaries.day_from for day in days)
    new: dict[str, str] = {}
    for table in _DATED:
        first_day = table.first_day(boundaries.raw_from)
        condition = " or ".join([within_days(table, days), *_needed_elsewhere(schema, table, days)])
        stage_where(
            lake,
            schema,
            table,
            f"({condition}) and {occurred(table, f'< {midnight(first_day)}')}",
            into=f"staged_{table.raw}",
        )
        new[table.raw] = find_late(lake, table.raw, boundaries.day_from) if older else "false"
        _view(lake, table, new[table.raw] if is_counted_known else "false")
    remember_staged(lake, new, {day for day in days if day >= boundaries.day_from})


def count_late(lake: Connection) -> int:
    """How many of the staged rows are late."""
    late = " union all ".join(f"select id from old_{table.raw} where is_late" for table in _DATED)
    row = lake.execute(f"select count(*) from ({late})").fetchone()
    return int(row[0]) if row else 0


def changed_old_days(lake: Connection, schema: str, state: PipelineState, snapshot: Snapshot) -> set[date]:
    """The old days in which a row was written since the last sweep or the number of rows is another than before.

    Days older than the daily tables are among them where a row was written: staging tells which rows are late.
    The numbers are kept for the next sweep. The day of an e-mail counts as changed with its campaign recipient or job
    too, and that of a campaign recipient with its e-mail or the job of that.
    """
    days = set().union(*(_changed_days(lake, schema, table, state, snapshot) for table in _DATED))
    raw_from = state.boundaries.raw_from
    fragments = {
        "schema": schema,
        "from": midnight(state.boundaries.day_from),
        "emails_before": midnight(BY_RAW["email_recipient"].first_day(raw_from)),
        "recipients_before": midnight(BY_RAW["campaign_recipient"].first_day(raw_from)),
        **{f"changed:{alias}": changed_since(state.sweep_watermark, snapshot, f"{alias}.") for alias in "ejr"},
    }
    query = statement("warehouse.source", "changed_recipient_days", fragments)
    return days | {date.fromisoformat(str(day)) for (day,) in source_rows(lake, query)}


def count_leaving_days(lake: Connection, kept: Boundaries) -> None:
    """Remembers how many rows, and which, the days have that leave the raw tables when only `kept` stays."""
    remember_leaving(lake, {table.raw: table.first_day(kept.raw_from) for table in _DATED})
    for table in _DATED:
        lake.execute(
            f"""
            insert into lake.meta.old_day
            select '{table.raw}', day, count(*) from lake.raw.{table.raw}
            where day < date '{table.first_day(kept.raw_from)}' and day >= date '{kept.day_from}'
            group by all
            """
        )


def _changed_days(
    lake: Connection, schema: str, table: SourceTable, state: PipelineState, snapshot: Snapshot
) -> set[date]:
    column = table.columns[str(table.occurred_at)].reads[0]
    written = changed_since(state.sweep_watermark, snapshot)
    from_, before = midnight(state.boundaries.day_from), midnight(table.first_day(state.boundaries.raw_from))
    query = f"""
        select ("{column}" at time zone 'UTC')::date::text as day, count(*) as n,
            count(*) filter (where {written}) as changed
        from "{schema}"."{table.name}"
        where {occurred(table, f">= {midnight(EARLIEST.date())}")} and {occurred(table, f"< {before}")}
            and ({occurred(table, f">= {from_}")} or {written})
        group by 1
    """
    found = [(date.fromisoformat(str(day)), int(str(n)), int(str(c))) for day, n, c in source_rows(lake, query)]
    known = dict(lake.execute("select day, source_rows from lake.meta.old_day where raw = ?", [table.raw]).fetchall())
    counts = {day: n for day, n, _ in found if day >= state.boundaries.day_from}
    changed = {day for day, _, n in found if n}
    changed |= {day for day in counts.keys() | known.keys() if counts.get(day) != known.get(day)}
    if counts != known:
        lake.execute("delete from lake.meta.old_day where raw = ?", [table.raw])
        lake.execute(
            """
            insert into lake.meta.old_day
            select ?, unnest(from_json(?, '["date"]')), unnest(from_json(?, '["bigint"]'))
            """,
            [table.raw, as_json(counts), as_json(counts.values())],
        )
    return changed


def _needed_elsewhere(schema: str, table: SourceTable, days: Set[date]) -> list[str]:
    """Conditions for rows of other days that the rollups of `days` need: an e-mail's fate is told in other tables."""
    if table.raw == "campaign_recipient":
        emails = within_days(BY_RAW["email_recipient"], days).replace('"created_at"', 'r."created_at"')
        return [
            f'"campaign_id" in (select j.campaign_id from "{schema}".messaging_emailjob j '
            f'join "{schema}".messaging_emailrecipient r on r.job_id = j.id where {emails})'
        ]
    if table.raw == "email_recipient":
        recipients = BY_RAW["campaign_recipient"]
        return [
            f'"job_id" in (select id from "{schema}".messaging_emailjob where campaign_id in '
            f'(select campaign_id from "{schema}".messaging_campaignrecipient where {within_days(recipients, days)}))',
            f'"job_id" in (select job_id from "{schema}".messaging_emailrecipient where {within_days(table, days)})',
        ]
    if table.raw == "provider_event":
        return [
            f"({channel_at_source('channel')} = 'email' "
            f"and lower({stripped_at_source('status')}) in ({texts_sql(EMAIL_ENDINGS)}) "
            f"and {occurred(table, f'>= {midnight(min(days))}')})"
        ]
    return []


def _view(lake: Connection, table: SourceTable, late: str) -> None:
    lake.execute(
        f"create or replace temp view old_{table.raw} as select *, {late} as is_late from staged_{table.raw} "
        f"union all select *, false from lake.raw.{table.raw}"
    )
