"""What the overview's query reads is what the operational database holds, and all of one lake snapshot."""

from collections.abc import Iterator
from dataclasses import asdict, replace

import psycopg
import pytest

from tests.integration.test_api_metrics import OUTBOUND
from warehouse.lake import LakeReaders, open_lake
from warehouse.queries.measures import CHANNELS, MessageCounts
from warehouse.queries.metrics import EmailCounts, Metrics, RecipientCounts, Totals, read_metrics
from warehouse.queries.scope import Organization
from warehouse.queries.window import Range
from warehouse.settings import Settings

NOBODY = Organization(999_999_999)
CHANNEL_COUNTS = (
    OUTBOUND
    + """
    select channel,
        count(*) as outbound, count(*) filter (where state = 'queued') as queued,
        count(*) filter (where state in ('sent', 'delivered', 'read')) as sent,
        count(*) filter (where state in ('delivered', 'read')) as delivered,
        count(*) filter (where state = 'read') as read, count(*) filter (where state = 'failed') as failed,
        count(*) filter (where state = 'skipped') as skipped, count(*) filter (where state = 'retrying') as retrying
    from (
        select *, case when status in ('pending', 'queued', '') then 'queued' else status end as state
        from sent where organization_id = %(org)s and created_at >= %(start)s and created_at < %(end)s
    ) message
    group by channel"""
)
INBOUND_COUNTS = """
    select channel, count(*) from (
        select channel, received_at as at from messaging_inboundmessage where organization_id = %(org)s
        union all
        select 'instagram', created_at from messaging_instagrammessage
        where organization_id = %(org)s and direction = 'INBOUND'
    ) inbound
    where at >= %(start)s and at < %(end)s group by channel"""
EMAIL_COUNTS = """
    with recipient as (
        select r.*, j.organization_id, coalesce(c.status in ('delivered', 'read'), false) as is_delivered,
            (select e.status from messaging_providerevent e
                where e.channel = 'email' and r.provider_message_id <> ''
                    and split_part(e.provider_message_id, '.filter', 1)
                        = split_part(r.provider_message_id, '.filter', 1)
                    and e.status in ('bounce', 'bounced', 'blocked', 'dropped', 'spamreport')
                order by e.received_at desc, e.id desc limit 1) as ending
        from messaging_emailrecipient r join messaging_emailjob j on j.id = r.job_id
        left join messaging_campaignrecipient c on c.campaign_id = j.campaign_id and c.contact_id = r.contact_id
        where j.organization_id = %(org)s
    )
    select count(*) as total, count(*) filter (where status = 'queued') as queued,
        count(*) filter (where status in ('sent', 'read')) as sent,
        count(*) filter (where status = 'read' or status = 'sent' and is_delivered) as delivered,
        count(*) filter (where status = 'read') as opened, count(*) filter (where status = 'failed') as failed,
        count(*) filter (where status = 'skipped') as skipped,
        count(*) filter (where status = 'failed' and ending in ('bounce', 'bounced', 'blocked')) as bounced,
        count(*) filter (where status = 'failed' and ending = 'dropped') as dropped,
        count(*) filter (where status = 'failed' and ending = 'spamreport') as spam
    from recipient"""


@pytest.fixture(scope="module")
def readers(loaded: Settings) -> Iterator[LakeReaders]:
    readers = LakeReaders(loaded)
    yield readers
    readers.close()


def read(readers: LakeReaders, organization: Organization, range_: Range = Range.LAST_24_HOURS) -> Metrics:
    with readers.reader() as lake:
        return read_metrics(lake, organization, range_)


def counted(settings: Settings, organization_id: int, start: object, end: object) -> dict[str, MessageCounts]:
    values = {"org": organization_id, "start": start, "end": end}
    with psycopg.connect(settings.required("source_url")) as source:
        rows = source.execute(CHANNEL_COUNTS.encode(), values).fetchall()
        inbound = dict(source.execute(INBOUND_COUNTS, values).fetchall())
    found = {channel: MessageCounts(*counts) for channel, *counts in rows}
    return {
        channel: replace(found.get(channel, MessageCounts()), inbound=inbound.get(channel, 0)) for channel in CHANNELS
    }


@pytest.mark.parametrize("organization_id", [1, 2, 4])
@pytest.mark.parametrize("range_", list(Range))
def test_each_channel_of_a_window_has_what_the_source_has_in_it(
    readers: LakeReaders, loaded: Settings, organization_id: int, range_: Range
) -> None:
    figures = read(readers, Organization(organization_id), range_)
    assert figures.window == counted(loaded, organization_id, figures.window_start, figures.window_end)


@pytest.mark.parametrize("organization_id", [1, 2, 4])
def test_totals_cover_the_whole_history_and_not_only_the_days_that_are_kept(
    readers: LakeReaders, loaded: Settings, organization_id: int
) -> None:
    with readers.reader() as lake:
        moved = lake.execute(
            "select count(*) from lake.rollup.channel_lifetime where organization_id = ?", [organization_id]
        ).fetchone()
        figures = read_metrics(lake, Organization(organization_id))
    assert moved is not None
    assert moved[0] > 0
    assert figures.lifetime == counted(loaded, organization_id, "-infinity", "infinity")


def test_the_organizations_add_up_to_everything_there_is(readers: LakeReaders, loaded: Settings) -> None:
    with psycopg.connect(loaded.required("source_url")) as source:
        ids = [row[0] for row in source.execute("select id from organizations_organization").fetchall()]
        everything = source.execute((OUTBOUND + "select count(*) from sent").encode()).fetchall()
    found = [sum(read(readers, Organization(id_)).lifetime.values(), MessageCounts()).outbound for id_ in ids]
    assert [(sum(found),)] == everything
    assert sum(count > 0 for count in found) > 5


@pytest.mark.parametrize("organization_id", [1, 2])
def test_email_recipients_are_told_apart_by_what_ended_them(
    readers: LakeReaders, loaded: Settings, organization_id: int
) -> None:
    with psycopg.connect(loaded.required("source_url"), row_factory=psycopg.rows.dict_row) as source:
        (expected,) = source.execute(EMAIL_COUNTS, {"org": organization_id}).fetchall()
    assert asdict(read(readers, Organization(organization_id)).email_recipients) == expected


def test_an_organization_that_has_nothing_has_zeros_on_all_four_channels(readers: LakeReaders) -> None:
    figures = read(readers, NOBODY)
    assert list(figures.lifetime) == list(figures.window) == list(figures.latency) == list(CHANNELS)
    assert {*figures.lifetime.values(), *figures.window.values(), figures.today} == {MessageCounts()}
    assert {(latency.count, latency.avg_ms, latency.p99_ms) for latency in figures.latency.values()} == {
        (0, None, None)
    }
    assert figures.totals == Totals()
    assert figures.email_recipients == EmailCounts(*[0] * 10)
    assert figures.campaign_recipients == RecipientCounts(*[0] * 8)


def test_an_answer_is_of_one_snapshot_though_a_pass_ends_while_it_is_read(
    readers: LakeReaders, loaded: Settings
) -> None:
    with open_lake(loaded) as writer, readers.reader() as lake:
        before = read_metrics(lake, NOBODY)
        writer.execute(
            "insert into lake.rollup.channel_day (organization_id, channel, bucket_at, day, queued, sent, delivered, "
            "read, failed, skipped, retrying, inbound) values (?, 'email', '2020-01-01', '2020-01-01', "
            "1, 0, 0, 0, 0, 0, 0, 0)",
            [NOBODY.id],
        )
        try:
            assert read_metrics(lake, NOBODY) == before
            assert read(readers, NOBODY).lifetime["email"].outbound == 1
        finally:
            writer.execute("delete from lake.rollup.channel_day where organization_id = ?", [NOBODY.id])
    assert read(readers, NOBODY) == before
