"""Compares every kept figure with the operational database, at one and the same moment of it.

Belongs here: the list of figures, and the one transaction in which a pass brings the warehouse up to a snapshot, if one
is to be made, and both sides are asked. Does not: the comparison (compare.py), the independent SQL (`source_*.sql`).
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from warehouse.lake.connection import Connection, open_lake, source_attached, transaction
from warehouse.lake.sql import quoted, statement
from warehouse.lake.state import Boundaries, read_state
from warehouse.latency.sketch import RELATIVE_ERROR, merged
from warehouse.refresh import read_within, reading_source, roll_up_within, writing_lake
from warehouse.rollups.families import CHANNEL_COUNTS, ORGANIZATION_SUMS, SLOT_US
from warehouse.settings import Settings
from warehouse.source.encoding import note_encoding
from warehouse.source.extract import Progress, no_progress
from warehouse.source.merge import midnight
from warehouse.source.reading import ORDINARY, Request
from warehouse.source.snapshot import check_contract, source_rows, take_snapshot
from warehouse.source.tables import SOURCE_TABLES
from warehouse.source.words import BLANKS_AT_SOURCE, channel_at_source
from warehouse.verify.compare import compare
from warehouse.verify.report import Difference, VerifyReport
from warehouse.verify.usable import broken_tables, only_usable, set_aside_differences

_ORGANIZATION = (*ORGANIZATION_SUMS, "contacts")
_CAMPAIGN = ("queued", "sent", "delivered", "read", "failed", "unsubscribed", "unsubscribed_later")
_EMAIL_JOB = ("queued", "sent", "delivered", "read", "failed", "skipped", "bounced", "dropped", "spam")
_TOTAL = ("contacts", "contacts_unsubscribed", "campaigns", "campaigns_active", "email_jobs")
_PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True)
class _Figure:
    """One comparison: the independent statement, its fragments, and the warehouse's own selection."""

    name: str
    keys: tuple[str, ...]
    measures: tuple[str, ...]
    source: str
    fragments: dict[str, str]
    found: str
    tolerance: float = 0.0
    only_shortage: bool = False


THOROUGH = Request(compare_ids=True, sweep=True)


def verify(settings: Settings, progress: Progress = no_progress, *, request: Request = THOROUGH) -> VerifyReport:
    """Makes a pass and compares what it leaves with the operational database in the same snapshot.

    The pass is an ordinary one first: what it leaves wrong was served wrong for another reason than that the source
    has moved. What else the `request` asks for is then done, and what that puts right is reported as mended. An
    ordinary `request` proves an ordinary pass, which learns of deleted and of old rows later.

    It reads the operational tables whole, several times: minutes on a big one, and never part of a regular pass.
    Raises what `refresh` raises.
    """
    with writing_lake(settings) as lake, reading_source(lake, settings) as report:
        roll_up_within(lake)
        broken = _prepare(lake, settings.source_schema, report.as_of)
        compared, differences = _compare_all(lake, settings.source_schema, broken, progress)
        before = differences
        if request != ORDINARY and not report.is_first_load:
            thorough = read_within(lake, settings, request)
            if thorough.changed or thorough.old_days or thorough.set_aside != report.set_aside:
                roll_up_within(lake)
                _, differences = _compare_all(lake, settings.source_schema, broken, no_progress, is_asked=True)
        state = read_state(lake)
    left = {(difference.figure, difference.key, difference.measure) for difference in differences}
    mended = (one for one in before if (one.figure, one.key, one.measure) not in left)
    return VerifyReport(
        report.as_of, compared, tuple(differences), state.set_aside, state.first_set_aside, mended=tuple(mended)
    )


def look(settings: Settings, progress: Progress = no_progress) -> VerifyReport:
    """Compares what is served with the operational database as it is now, and writes nothing.

    Raises WarehouseEmptyError, and what `refresh` raises of the source.
    """
    with open_lake(settings, read_only=True) as lake, source_attached(lake, settings), transaction(lake):
        state = read_state(lake)
        snapshot = take_snapshot(lake, state)
        note_encoding(lake, snapshot.encoding)
        check_contract(lake, settings.source_schema)
        broken = _prepare(lake, settings.source_schema, snapshot.as_of)
        compared, differences = _compare_all(lake, settings.source_schema, broken, progress)
    return VerifyReport(
        state.rolled_up_as_of or state.as_of, compared, tuple(differences), state.set_aside, state.first_set_aside,
        source_moved=snapshot.text != state.source_snapshot or not state.pending.is_empty(),
    )  # fmt: skip


def _prepare(lake: Connection, schema: str, as_of: datetime) -> Mapping[str, tuple[str, int]]:
    """Makes the source ready to be asked; returns the tables with rows that can't be used (usable.py)."""
    # The planner expects one row of what it has no statistics for, and a nested loop over millions would not end.
    source_rows(lake, "select set_config('enable_nestloop', 'off', true) as setting")
    return broken_tables(lake, schema, as_of)


def _compare_all(
    lake: Connection,
    schema: str,
    broken: Mapping[str, tuple[str, int]],
    progress: Progress,
    *,
    is_asked: bool = False,
) -> tuple[int, list[Difference]]:
    """How many figures were compared, and the differences. The source is asked once in a snapshot, which is kept."""
    compared, differences = len(SOURCE_TABLES), set_aside_differences(lake, broken)
    for number, figure in enumerate(_figures(lake, read_state(lake).boundaries)):
        started = time.monotonic()
        if not is_asked:
            sql = only_usable(_at_source(figure, schema), schema, broken)
            lake.execute(f"create or replace temp table expected_{number} as from postgres_query('src', {quoted(sql)})")
        lake.execute(f"create or replace temp view expected as from expected_{number}")
        count, found = _compare(lake, figure)
        progress(f"{figure.name}: {count:,} figures, {len(found):,} differ, {time.monotonic() - started:.1f} s")
        compared += count
        differences += found
    return compared, differences


def _at_source(figure: _Figure, schema: str) -> str:
    fragments = {
        "message": statement("warehouse.verify", "source_message"),
        "email": statement("warehouse.verify", "source_email"),
        "campaign_recipient": statement("warehouse.verify", "source_campaign_recipient"),
        "ever_campaign_recipient": statement(
            "warehouse.verify", "source_campaign_recipient", {"from": "'-infinity'::timestamptz"}
        ),
        **figure.fragments,
        **{f"channel:{column}": channel_at_source(column) for column in ("channel", "campaign.channel", "s.channel")},
        "blanks": BLANKS_AT_SOURCE,
        "schema": f'"{schema}"',
    }
    return statement("warehouse.verify", figure.source, fragments)


def _compare(lake: Connection, figure: _Figure) -> tuple[int, list[Difference]]:
    lake.execute(f"create or replace temp table found as {figure.found}")
    count, differences = compare(
        lake, figure=figure.name, keys=figure.keys, measures=figure.measures, tolerance=figure.tolerance
    )
    if figure.only_shortage:
        differences = [difference for difference in differences if difference.found < difference.expected]
    return count, differences


def _figures(lake: Connection, held: Boundaries) -> Iterator[_Figure]:
    for slot, first in (("5m", held.five_minute_from), ("hour", held.hour_from), ("day", held.day_from)):
        fragments = {"seconds": str(SLOT_US[slot] // 1_000_000), "from": midnight(first)}
        number = f"epoch_us(bucket_at) // {SLOT_US[slot]} as slot"
        yield _Figure(
            f"channels by {slot}",
            ("organization_id", "channel", "slot"),
            CHANNEL_COUNTS,
            "source_channel",
            fragments,
            f"select *, {number} from lake.rollup.channel_{slot}",
        )
        yield _Figure(
            f"organizations by {slot}",
            ("organization_id", "slot"),
            _ORGANIZATION,
            "source_organization",
            fragments,
            f"""
            select organization_id, {number}, {", ".join(_ORGANIZATION)}
            from lake.rollup.organization_{slot} full join lake.rollup.contact_{slot} using (organization_id, bucket_at)
            """,
        )
    since = {"from": midnight(held.day_from)}
    yield _Figure(
        "campaigns", ("organization_id", "campaign_id"), _CAMPAIGN, "source_campaign", since,
        statement("warehouse.verify", "warehouse_campaign"),
    )  # fmt: skip
    yield _Figure(
        "e-mail jobs", ("organization_id", "email_job_id"), _EMAIL_JOB, "source_email_job", since,
        f"select organization_id, email_job_id, {_sums(_EMAIL_JOB)} from lake.rollup.email_job_day group by all",
    )  # fmt: skip
    for name, key, table in (
        ("failures of campaigns", "campaign_id", "campaign_failure"),
        ("failures of e-mail jobs", "email_job_id", "email_job_failure"),
    ):
        keys = ("organization_id", key, "channel")
        yield _Figure(
            name, keys, ("failed",), f"source_{table}", since,
            f"select {', '.join(keys)}, {_sums(('failed',))} from lake.rollup.{table}_day group by all",
        )  # fmt: skip
    yield _Figure(
        "totals", ("organization_id",), _TOTAL, "source_total", {}, "from lake.rollup.organization_total",
    )  # fmt: skip
    # Lifetime rows are what the source no longer needs to have: taken off, a total is what the kept days add up to.
    all_time = {"seconds": str(10**12), **since}
    yield _Figure(
        "totals of organizations", ("organization_id",), ORGANIZATION_SUMS, "source_organization", all_time,
        _since_lifetime("organization", "organization_id", ORGANIZATION_SUMS),
    )  # fmt: skip
    yield _Figure(
        "totals of channels", ("organization_id", "channel"), CHANNEL_COUNTS, "source_channel", all_time,
        _since_lifetime("channel", "organization_id, channel", CHANNEL_COUNTS),
    )  # fmt: skip
    yield _Figure(
        "lifetime", ("organization_id", "channel"), ("outbound", "inbound"), "source_lifetime",
        {"before": midnight(held.day_from)}, statement("warehouse.verify", "warehouse_lifetime"),
        only_shortage=True,
    )  # fmt: skip
    _latency_percentiles(lake)
    yield _Figure(
        "latency percentiles", ("organization_id", "channel"), tuple(_PERCENTILES), "source_latency",
        {"from": midnight(held.hour_from)}, "from percentile", tolerance=RELATIVE_ERROR * 1.0001,
    )  # fmt: skip


def _latency_percentiles(lake: Connection) -> None:
    """Fills the temporary table `percentile` from the sketches of the hourly rollups."""
    counts: dict[tuple[int, str], dict[int, int]] = {}
    rows = lake.execute(statement("warehouse.verify", "warehouse_latency")).fetchall()
    for organization_id, channel, bucket, n in rows:
        counts.setdefault((organization_id, channel), {})[bucket] = n
    columns = ", ".join(f"{name} double" for name in _PERCENTILES)
    lake.execute(f"create or replace temp table percentile (organization_id bigint, channel varchar, {columns})")
    for (organization_id, channel), sketch in counts.items():
        quantiles = [merged([sketch]).quantile(q) for q in _PERCENTILES.values()]
        lake.execute("insert into percentile values (?, ?, ?, ?, ?)", [organization_id, channel, *quantiles])


def _since_lifetime(family: str, keys: str, sums: tuple[str, ...]) -> str:
    columns = ", ".join(f"t.{name} - coalesce(l.{name}, 0) as {name}" for name in sums)
    return (
        f"select {keys}, {columns} from lake.rollup.{family}_total t "
        f"left join lake.rollup.{family}_lifetime l using ({keys})"
    )


def _sums(names: tuple[str, ...]) -> str:
    return ", ".join(f"sum({name})::bigint as {name}" for name in names)
