"""Checks one layer against the layer under it: raw against the source, rollups against raw.

Belongs here: the two checks that run every hour. Does not: the whole proof (run.py).
"""

from collections.abc import Iterator
from datetime import date

from warehouse.lake.connection import Connection, open_lake, transaction
from warehouse.lake.hours import hours_of
from warehouse.lake.sql import quoted
from warehouse.lake.state import Boundaries, read_state
from warehouse.refresh import reading_source, writing_lake
from warehouse.rollups.families import FAMILIES, SUBJECTS, Family, Subject
from warehouse.rollups.totals import TOTALS, Total
from warehouse.settings import Settings
from warehouse.source.merge import midnight, occurred
from warehouse.source.set_aside import held_ids, without_ids
from warehouse.source.tables import BY_RAW, SOURCE_TABLES, SourceTable
from warehouse.verify.compare import compare
from warehouse.verify.report import Difference


def raw_equals_source(settings: Settings) -> tuple[Difference, ...]:
    """Rows, ids and references of each raw table and day against the source, after a pass in the same snapshot.

    Raises what `refresh` raises.
    """
    differences: list[Difference] = []
    with writing_lake(settings) as lake, reading_source(lake, settings):
        raw_from = read_state(lake).boundaries.raw_from
        for table in SOURCE_TABLES:
            differences += _raw_differences(lake, settings.source_schema, table, raw_from)
    return tuple(differences)


def rollups_equal_raw(settings: Settings) -> tuple[Difference, ...]:
    """Every kept rollup of the raw window against the same rollup computed anew, sketches and totals included.

    Raises WarehouseEmptyError.
    """
    with open_lake(settings, read_only=True) as lake, transaction(lake):
        state = read_state(lake)
        if not state.pending.is_empty():
            return (Difference("rollups", "merged rows wait", "hours to roll up", 0, len(state.pending.channel_hours)),)
        differences = [
            difference
            for family in FAMILIES
            for slot, since in _slots(state.boundaries)
            for difference in _family_differences(lake, family, slot, since)
        ]
        for subject in SUBJECTS:
            differences += _subject_differences(lake, subject, state.boundaries)
        for total in TOTALS:
            differences += _total_differences(lake, total)
        return tuple(differences)


def _slots(held: Boundaries) -> Iterator[tuple[str, int]]:
    first = hours_of([held.raw_from])
    yield "5m", max(min(first), min(hours_of([held.five_minute_from])))
    yield "hour", min(first)
    yield "day", min(first)


def _family_differences(lake: Connection, family: Family, slot: str, since_hour: int) -> list[Difference]:
    (last,) = lake.execute("select epoch_us(now()) // 3600000000 + 24").fetchone() or (since_hour,)
    hours = set(range(since_hour, max(int(last), since_hour) + 1))
    lake.execute(f"create or replace temp table expected as {family.select(lake, slot, hours)}")
    lake.execute(
        f"""
        create or replace temp table found as
        from lake.rollup.{family.name}_{slot} where epoch_us(bucket_at) // 3600000000 in (from touched_hour)
        """
    )
    columns = [row[0] for row in lake.execute("describe expected").fetchall()]
    # The entries of a sketch are in no order: sorting them as they are written would double the cost of a roll-up.
    names = ", ".join(f"list_sort({name})" if name == "latency" else name for name in columns)
    keys = [*family.keys.split(", "), "bucket_at"]
    measures = [name for name in columns if name not in (*keys, "day", "latency")]
    _, differences = compare(lake, figure=f"rollup.{family.name}_{slot}", keys=keys, measures=measures)
    if "latency" in columns and not differences:
        row = lake.execute(
            f"select count(*) from (select {names} from expected except all select {names} from found)"
        ).fetchone()
        if row and row[0]:
            differences.append(Difference(f"rollup.{family.name}_{slot}", "all", "sketches that differ", 0, row[0]))
    return differences


def _subject_differences(lake: Connection, subject: Subject, held: Boundaries) -> list[Difference]:
    since = max(BY_RAW[subject.recipients].first_day(held.raw_from), held.day_from)
    rows = subject.recipient_rows(f"r.created_at >= timestamp '{since}'")
    lake.execute(f"create or replace temp table expected as {subject.select_from(rows)}")
    table = f"rollup.{subject.name}_day"
    lake.execute(f"create or replace temp table found as from lake.{table} where day >= date '{since}'")
    keys = ("organization_id", subject.key, *subject.parts, "day")
    return compare(lake, figure=table, keys=keys, measures=subject.sums)[1]


def _total_differences(lake: Connection, total: Total) -> list[Difference]:
    lake.execute(f"create or replace temp table expected as {total.select()}")
    lake.execute(f"create or replace temp table found as from lake.rollup.{total.name}")
    measures = [row[0] for row in lake.execute("describe expected").fetchall() if row[0] not in total.keys]
    return compare(lake, figure=f"rollup.{total.name}", keys=total.keys, measures=measures)[1]


def _raw_differences(lake: Connection, schema: str, table: SourceTable, raw_from: date) -> list[Difference]:
    in_source, in_raw, where = "''", "''", "true"
    if table.occurred_at:
        column = table.columns[table.occurred_at].reads[0]
        in_source, in_raw = f"(\"{column}\" at time zone 'UTC')::date::text", "day::varchar"
        where = occurred(table, f">= {midnight(table.first_day(raw_from))}")
    where = without_ids(where, held_ids(lake).get(table.raw, frozenset()))
    summed = ("id", *table.references)
    as_text, as_number, sums = (
        ", ".join(form.format(name) for name in summed)
        for form in ("sum({0})::text as {0}", "{0}::hugeint as {0}", "sum({0}) as {0}")
    )
    query = quoted(
        f'select {in_source} as day, count(*) as n, {as_text} from "{schema}"."{table.name}" where {where} group by 1'
    )
    lake.execute(
        f"create or replace temp table expected as select * replace ({as_number}) from postgres_query('src', {query})"
    )
    lake.execute(
        f"create or replace temp table found as select {in_raw} as day, count(*) as n, {sums} "
        f"from lake.raw.{table.raw} group by 1"
    )
    return compare(lake, figure=f"raw.{table.raw}", keys=("day",), measures=("n", *summed))[1]
