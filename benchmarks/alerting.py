"""How long an evaluation of all rules takes over 1,000 organizations and 4 channels, and a replay of history.

Belongs here: made-up rollups of a day by 5 minutes and a week by hours, and the measures. Does not: other figures.
"""

import shutil
import statistics
import time
from datetime import UTC, datetime, timedelta

import psycopg
from sqlalchemy import make_url

from alerts.evaluate import evaluate_organizations
from alerts.migrations import upgrade
from alerts.replay import Asked, replay
from alerts.thresholds import Thresholds, load_defaults
from benchmarks.ground import load_once, timed
from demo.schema import create_schema
from warehouse.lake.connection import Connection, open_lake
from warehouse.lake.state import read_state
from warehouse.refresh import refresh, writing_lake
from warehouse.settings import Settings

ORGANIZATIONS = 1_000
_ROUNDS = 5

_CHANNEL = """
    insert into lake.rollup.channel_{slot} by name
    select
        organization_id, channel, bucket_at, bucket_at::date as day, 0 as queued, {n} * 8 as sent, {n} * 9 as delivered,
        {n} * 2 as read, {n} * if(organization_id % 20 = 0, 19, 1) as failed, 0 as skipped, 0 as retrying,
        {n} as inbound,
        {n} * 20 as callbacks, {n} as callback_errors, {n} * 20 as latency_count, {n} * 30000 as latency_sum_ms,
        list_transform(range(330, 350), lambda b: {{'bucket': b::smallint, 'n': {n}::bigint}}) as latency
    from range(1, {organizations} + 1) as o (organization_id)
    cross join (values ('whatsapp'), ('email'), ('telegram'), ('instagram')) as c (channel)
    cross join range({since}, ?::timestamp, interval '{width}') as t (bucket_at)
    order by day, organization_id, channel
"""
_ORGANIZATION = """
    insert into lake.rollup.organization_{slot} by name
    select
        organization_id, bucket_at, bucket_at::date as day, {n} as bookings, 0 as bookings_cancelled,
        {n} * 4 as llm_calls, if(organization_id % 20 = 0, {n} * 3, 0) as llm_failed, {n} * 20 as email_sent,
        {n} as email_delivered, 0 as email_read, {n} as email_failed, 0 as email_queued, 0 as email_skipped,
        if(organization_id % 20 = 0, {n}, 0) as email_bounced, 0 as email_dropped, 0 as email_spam
    from range(1, {organizations} + 1) as o (organization_id)
    cross join range({since}, ?::timestamp, interval '{width}') as t (bucket_at)
    order by day, organization_id
"""
_INTEGRATION = """
    insert into lake.raw.integration by name
    select organization_id * 4 + number as id, organization_id, provider, true as is_active, true as has_token
    from range(1, {organizations} + 1) as o (organization_id)
    cross join (values (0, 'whatsapp'), (1, 'sendgrid'), (2, 'telegram'), (3, 'instagram')) as p (number, provider)
"""
_PLATFORM = """
    insert into lake.raw.monitoring_alert by name
    select
        number as id, number % {organizations} + 1 as organization_id, 'send_failure' as category, 'error' as severity,
        false as is_acknowledged, 'Error 63016' as template, 'whatsapp' as channel, number as outbound_id,
        ?::timestamp - to_seconds(number % 86400) as created_at, created_at::date as day
    from range(1, 200001) as n (number)
"""


def alerts(settings: Settings) -> None:
    """An evaluation of all rules over 1,000 organizations x 4 channels, one in twenty of them with an incident."""
    settings = _ground(settings)
    now = datetime.now(UTC)
    seconds, cpu_seconds = [], []
    for _ in range(_ROUNDS):
        started, cpu_started = time.perf_counter(), time.process_time()
        report = evaluate_organizations(settings, now)
        seconds.append(time.perf_counter() - started)
        cpu_seconds.append(time.process_time() - cpu_started)
        print(f"  {report}", flush=True)
    print(
        f"alerts: {statistics.median(seconds):.2f} s an evaluation, {statistics.median(cpu_seconds):.2f} s of them on "
        "a processor"
    )


def replayed(settings: Settings) -> None:
    """A replay of all rules over the last 7 days, an evaluation every 5 minutes, over what was filled in."""
    thresholds = Thresholds(load_defaults(), {})
    load_once(settings)
    with open_lake(settings, read_only=True) as lake:
        end = read_state(lake).as_of
        asked = Asked(end - timedelta(days=7), end)
        seconds = []
        for _ in range(_ROUNDS):
            started = time.perf_counter()
            episodes = replay(lake, thresholds, asked)
            seconds.append(time.perf_counter() - started)
    print(
        f"replay: {statistics.median(seconds):.2f} s for {len(asked.moments()):,} evaluations, which opened "
        f"{len(episodes):,} alerts"
    )


def _ground(settings: Settings) -> Settings:
    """A warehouse of its own in which nothing but rollups was written."""
    home = settings.home / "alerts"
    shutil.rmtree(home, ignore_errors=True)
    urls = {}
    with psycopg.connect(settings.required("warehouse_url"), autocommit=True) as connection:
        for name in ("source_url", "warehouse_url"):
            database = f"alerts_{name}"
            connection.execute(f"drop database if exists {database} with (force)".encode())
            connection.execute(f"create database {database}".encode())
            url = make_url(settings.required("warehouse_url")).set(database=database)
            urls[name] = url.render_as_string(hide_password=False)
    made = Settings(home=home, lake_path=str(home / "lake"), hash_key="benchmarks", **urls)  # type: ignore[arg-type]
    create_schema(urls["source_url"])
    refresh(made)
    upgrade(made)
    with timed(f"rollups of {ORGANIZATIONS:,} organizations"), writing_lake(made) as lake:
        _fill(lake, datetime.now(UTC).replace(tzinfo=None))
    return made


def _fill(lake: Connection, now: datetime) -> None:
    layers = (
        ("5m", "date_trunc('hour', now()::timestamp) - interval 30 hours", "5 minutes", 1),
        ("hour", "date_trunc('hour', now()::timestamp) - interval 9 days", "1 hour", 12),
    )
    for slot, since, width, n in layers:
        for query in (_CHANNEL, _ORGANIZATION):
            text = query.format(slot=slot, since=since, width=width, n=n, organizations=ORGANIZATIONS)
            lake.execute(text, [now])
    lake.execute(_INTEGRATION.format(organizations=ORGANIZATIONS))
    lake.execute(_PLATFORM.format(organizations=ORGANIZATIONS), [now])
