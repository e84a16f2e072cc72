"""Time-series, totals, reasons and latencies of any window are those that SQL counts in the operational database.

The oracle is PostgreSQL: it cuts days and hours in the asked zone by itself.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from flask.testing import FlaskClient

from demo.people import demo_api_key
from tests.integration.conftest import api_client
from tests.integration.test_api_metrics import OUTBOUND
from tests.integration.test_queries import CALLBACK_COUNTS, INBOUND_COUNTS
from warehouse.settings import Settings

PATH = "/api/monitoring/details/"
ZONES = (
    "UTC",
    "Europe/Rome",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Australia/Lord_Howe",
)
CHANNELS = ("whatsapp", "email", "telegram", "instagram")

# The start of the bucket in which a moment lies, cut in a zone.
BUCKETS = {
    "1d": "date_trunc('day', at, %(tz)s)",
    "6h": """(date_trunc('day', at at time zone %(tz)s)
        + floor(extract(hour from at at time zone %(tz)s) / 6) * interval '6 hours') at time zone %(tz)s""",
    "1h": "date_trunc('hour', at, %(tz)s)",
    "15m": "date_bin('15 minutes', at, timestamptz '2000-01-01 00:00Z')",
    "5m": "date_bin('5 minutes', at, timestamptz '2000-01-01 00:00Z')",
}
MESSAGES = (
    OUTBOUND
    + """
    select channel, greatest({bucket}, %(start)s::timestamptz) as at, count(*) as outbound,
        count(*) filter (where status in ('sent', 'delivered', 'read')) as sent,
        count(*) filter (where status in ('delivered', 'read')) as delivered,
        count(*) filter (where status = 'read') as read, count(*) filter (where status = 'failed') as failed
    from (select *, created_at as at from sent) sent
    where organization_id = %(org)s and at >= %(start)s and at < %(end)s
    group by 1, 2"""
)
LATENCIES = """
    select channel, greatest({bucket}, %(start)s::timestamptz) as at, count(*),
        array_agg(latency_ms order by latency_ms)
    from (select *, received_at as at from messaging_providerevent) event
    where organization_id = %(org)s and at >= %(start)s and at < %(end)s and latency_ms > 0
    group by 1, 2"""


@pytest.fixture(scope="module")
def client(loaded: Settings) -> Iterator[FlaskClient]:
    with api_client(loaded) as client:
        yield client


def ask(client: FlaskClient, organization_id: int = 1, **query: object) -> dict[str, Any]:
    headers = {"X-API-Key": demo_api_key(7, organization_id)}
    response = client.get(PATH, query_string={k: str(v) for k, v in query.items()}, headers=headers)
    assert response.status_code == 200, response.get_json()
    body: dict[str, Any] = response.get_json()
    return body


def rows(settings: Settings, sql: str, body: dict[str, Any], interval: str | None = None) -> list[tuple[Any, ...]]:
    values = {"org": body["organization_id"], "tz": body["tz"], **body["window"]}
    with psycopg.connect(settings.required("source_url")) as source:
        return source.execute(
            sql.replace("{bucket}", BUCKETS[interval or body["interval"]]).encode(), values
        ).fetchall()


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def drawn_windows() -> Iterator[Any]:
    """Windows of every length in the last 80 days, in zones with and without changes of clocks and whole hours.

    They move with the clock and their names don't: of several processes that run these tests, each must find the same.
    """
    chance, now = random.Random(4), datetime.now(UTC).replace(microsecond=0)
    for number in range(42):
        length = timedelta(minutes=chance.choice((7, 90, 600, 1500, 5_000, 20_000, 40_000)))
        start = now - timedelta(minutes=chance.randrange(int(length.total_seconds() // 60), 80 * 24 * 60))
        zone = ZONES[number % len(ZONES)]
        interval = chance.choice(["1h", "6h", "1d"] if length > timedelta(days=5) else list(BUCKETS))
        local = start.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        window = {"from": local.isoformat(), "to": (start + length).isoformat(), "tz": zone, "interval": interval}
        yield pytest.param(window, id=f"{number}: {length} in {zone} by {interval}")


def named(query: dict[str, object]) -> str:
    """A test's name, alike in every process that collects it: no moment of today's."""
    return " ".join(str(value) for value in query.values() if "T" not in str(value))


# The changes of clocks of 2026, and what is older than the hours that are kept.
CHOSEN: list[dict[str, object]] = [
    {"from": "2026-10-24", "to": "2026-10-27", "tz": "Europe/Rome", "interval": "1h"},
    {"from": "2026-10-20", "to": "2026-10-30", "tz": "Europe/Rome", "interval": "1d"},
    {"from": "2026-10-20", "to": "2026-10-30", "tz": "Europe/Rome", "interval": "6h"},
    {"from": "2026-10-30", "to": "2026-11-03", "tz": "America/New_York", "interval": "1h"},
    {"range": "30d", "tz": "Asia/Kolkata"},
    {"range": "7d", "tz": "Asia/Kathmandu", "interval": "1h"},
    {"range": "90d"},
    {"range": "12m"},
    {"range": "today", "tz": "America/St_Johns"},
]


@pytest.mark.parametrize("query", [*CHOSEN, *drawn_windows()], ids=named)
def test_a_time_series_is_what_sql_counts_in_each_bucket(
    client: FlaskClient, loaded: Settings, query: dict[str, object]
) -> None:
    body = ask(client, **query)
    start, end = moment(body["window"]["start"]), moment(body["window"]["end"])
    expected = {
        (channel, at): dict(zip(("outbound", "sent", "delivered", "read", "failed"), counts, strict=True))
        for channel, at, *counts in rows(loaded, MESSAGES, body)
    }
    for channel in CHANNELS:
        series = body["time_series"][channel]
        starts = [moment(point["at"]) for point in series]
        assert starts[0] == start
        assert all(earlier < later for earlier, later in zip(starts, [*starts[1:], end], strict=True))
        for at, point in zip(starts, series, strict=True):
            counts = {name: point[name] for name in ("outbound", "sent", "delivered", "read", "failed")}
            assert counts == expected.pop((channel, at), dict.fromkeys(counts, 0))
    assert not expected


@pytest.mark.parametrize("query", [*CHOSEN[:6], {"range": "7d"}], ids=named)
def test_percentiles_of_each_bucket_are_within_one_per_cent(
    client: FlaskClient, loaded: Settings, query: dict[str, object]
) -> None:
    body = ask(client, **query)
    expected = {(channel, at): (count, ordered) for channel, at, count, ordered in rows(loaded, LATENCIES, body)}
    for channel in CHANNELS:
        for point in body["callback_latency"][channel]["over_time"]:
            count, ordered = expected.pop((channel, moment(point["at"])), (0, []))
            assert point["count"] == count
            for name, q in (("p50_ms", 0.5), ("p95_ms", 0.95), ("p99_ms", 0.99)):
                if not count:
                    assert point[name] is None
                else:
                    assert point[name] == pytest.approx(ordered[int(q * (count - 1))], rel=0.0101)
    assert not expected


def test_the_parts_of_an_answer_add_up_to_each_other_and_to_sql(client: FlaskClient, loaded: Settings) -> None:
    body = ask(client, range="30d")
    window = {"org": 1, **body["window"]}
    with psycopg.connect(loaded.required("source_url")) as source:
        inbound = dict(source.execute(INBOUND_COUNTS, window).fetchall())
        callbacks = {row[0]: row[1:] for row in source.execute(CALLBACK_COUNTS, window).fetchall()}
        activity = source.execute(
            """select (select count(*) from bookings_booking where organization_id = %(org)s
                    and status = 'cancelled' and created_at >= %(start)s and created_at < %(end)s),
                (select count(*) from billing_billinglog where organization_id = %(org)s
                    and status = 'failed' and timestamp >= %(start)s and timestamp < %(end)s),
                (select count(*) from messaging_campaign where organization_id = %(org)s
                    and created_at >= %(start)s and created_at < %(end)s),
                (select count(*) from messaging_emailrecipient r join messaging_emailjob j on j.id = r.job_id
                    where j.organization_id = %(org)s and r.created_at >= %(start)s and r.created_at < %(end)s)""",
            window,
        ).fetchone()
    series, summary = body["time_series"], body["summary"]
    for channel in CHANNELS:
        totals = {name: sum(point[name] for point in series[channel]) for name in series[channel][0] if name != "at"}
        per_channel = body["per_channel"][channel]
        assert totals["inbound"] == inbound.get(channel, 0)
        assert (totals["callbacks"], totals["callback_errors"]) == callbacks.get(channel, (0, 0))
        assert (per_channel["total"], per_channel["delivered"], per_channel["failed"]) == (
            totals["outbound"], totals["delivered"], totals["failed"]
        )  # fmt: skip
        assert body["top_failure_reasons"][channel]["total"] == totals["failed"]
        latency = body["callback_latency"][channel]
        assert sum(bar["count"] for bar in latency["histogram"]) == latency["count"]
    assert summary["outbound"] == sum(channel["total"] for channel in body["per_channel"].values())
    assert sum(body["failure_reasons"].values()) == sum(channel["failed"] for channel in body["per_channel"].values())
    recipients = summary["email_recipients"]["total"]
    assert activity == (
        summary["booking_failures"], summary["ai_failures"], summary["campaigns_today"], recipients
    )  # fmt: skip
    assert recipients > 0


def test_top_limits_the_reasons_and_each_names_its_commonest_texts(client: FlaskClient) -> None:
    whole = ask(client, range="12m", top=50)["top_failure_reasons"]["email"]
    assert len(whole["reasons"]) > 2
    assert sum(reason["count"] for reason in whole["reasons"]) == whole["total"]
    assert sum(reason["share"] for reason in whole["reasons"]) == pytest.approx(1)
    counts = [reason["count"] for reason in whole["reasons"]]
    assert counts == sorted(counts, reverse=True)
    for reason in whole["reasons"]:
        assert 0 < sum(template["count"] for template in reason["templates"]) <= reason["count"]
    two = ask(client, range="12m", top=2)["top_failure_reasons"]["email"]
    assert two == {"total": whole["total"], "reasons": whole["reasons"][:2]}


def test_one_channel_is_answered_alone_while_all_four_stand_in_per_channel(client: FlaskClient) -> None:
    body, whole = ask(client, range="30d", channel="telegram"), ask(client, range="30d")
    assert (
        list(body["time_series"]) == list(body["callback_latency"]) == list(body["top_failure_reasons"]) == ["telegram"]
    )
    assert body["time_series"]["telegram"] == whole["time_series"]["telegram"]
    assert body["summary"]["outbound"] == whole["per_channel"]["telegram"]["total"]
    assert body["per_channel"] == whole["per_channel"]


def test_a_window_older_than_retention_is_answered_with_what_exists_and_says_so(client: FlaskClient) -> None:
    body = ask(client, **{"from": "2020-01-01", "to": "2020-02-01"})
    assert body["window"]["start"] == body["window"]["end"]
    assert "Nothing is kept from before" in body["notices"][0]
    assert all(points == [] for points in body["time_series"].values())
    half = ask(client, **{"from": "2020-01-01", "interval": "1h"})
    assert half["interval"] == "1d"
    assert len(half["notices"]) == 2
    assert half["summary"]["outbound"] > 0


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"interval": "2h"}, "'interval'"),
        ({"interval": "5m", "range": "30d"}, "'interval'"),
        ({"tz": "Mars/Olympus"}, "'tz'"),
        ({"channel": "+39"}, "'channel'"),
        ({"top": "0"}, "'top'"),
        ({"from": "yesterday"}, "'from'"),
        ({"to": "2026-01-01"}, "`from`"),
        ({"from": "2026-02-01", "to": "2026-01-01"}, "'from'"),
        ({"from": "2026-02-01", "range": "7d"}, "`range`"),
        ({"from": "2099-01-01"}, "'from'"),
    ],
)
def test_a_wrong_parameter_is_named_with_what_is_allowed(
    client: FlaskClient, query: dict[str, str], named: str
) -> None:
    response = client.get(PATH, query_string=query, headers={"X-API-Key": demo_api_key(7, 1)})
    assert response.status_code == 400
    assert named in response.get_json()["detail"]


def test_as_csv_a_line_is_a_channel_and_bucket(client: FlaskClient) -> None:
    headers = {"X-API-Key": demo_api_key(7, 1)}
    body = ask(client, range="7d")
    for text in (
        client.get(f"{PATH}?range=7d&format=csv", headers=headers),
        client.get(f"{PATH}?range=7d", headers={**headers, "Accept": "text/csv"}),
    ):
        assert text.mimetype == "text/csv"
        header, *lines = text.get_data(as_text=True).splitlines()
        assert header == "channel,at,outbound,sent,delivered,read,failed,inbound,callbacks,callback_errors"
        assert len(lines) == sum(len(points) for points in body["time_series"].values())
        first = body["time_series"]["whatsapp"][0]
        assert lines[0].split(",")[2:] == [str(value) for name, value in first.items() if name != "at"]
