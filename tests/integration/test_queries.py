"""What the overview's query reads is what the operational database holds, and all of one lake snapshot."""

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from tests.integration.test_api_metrics import OUTBOUND
from warehouse.channels import KNOWN as CHANNELS
from warehouse.lake.connection import open_lake
from warehouse.queries.lakes import OrganizationLakes
from warehouse.queries.latency import Latency
from warehouse.queries.measures import MessageCounts
from warehouse.queries.metrics import Metrics, Totals, Unsubscribed, read_metrics
from warehouse.queries.scope import Organization
from warehouse.queries.window import Asked, Range
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
CALLBACK_COUNTS = """
    select channel, count(*), count(*) filter (where status in (
        'failed', 'bounced', 'bounce', 'undelivered', 'dropped', 'blocked', 'spamreport', 'error', 'rejected',
        'expired'))
    from messaging_providerevent
    where organization_id = %(org)s and received_at >= %(start)s and received_at < %(end)s group by channel"""
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
def lakes(loaded: Settings) -> Iterator[OrganizationLakes]:
    lakes = OrganizationLakes(loaded)
    yield lakes
    lakes.close()


def read(lakes: OrganizationLakes, organization: Organization, range_: Range = Range.LAST_24_HOURS) -> Metrics:
    with lakes.of(organization) as lake:
        return read_metrics(lake, Asked(range_))


def counted(settings: Settings, organization_id: int, start: object, end: object) -> dict[str, MessageCounts]:
    values = {"org": organization_id, "start": start, "end": end}
    with psycopg.connect(settings.required("source_url")) as source:
        rows = source.execute(CHANNEL_COUNTS.encode(), values).fetchall()
        callbacks = {row[0]: row[1:] for row in source.execute(CALLBACK_COUNTS, values).fetchall()}
        inbound = dict(source.execute(INBOUND_COUNTS, values).fetchall())
    found = {channel: MessageCounts(*counts) for channel, *counts in rows}
    return {
        channel: replace(
            found.get(channel, MessageCounts()),
            inbound=inbound.get(channel, 0),
            callbacks=callbacks.get(channel, (0, 0))[0],
            callback_errors=callbacks.get(channel, (0, 0))[1],
        )
        for channel in CHANNELS
    }


@pytest.mark.parametrize("organization_id", [1, 2, 4])
@pytest.mark.parametrize("range_", list(Range))
def test_each_channel_of_a_window_has_what_the_source_has_in_it(
    lakes: OrganizationLakes, loaded: Settings, organization_id: int, range_: Range
) -> None:
    figures = read(lakes, Organization(organization_id), range_)
    window = {channel: figures.channels.counts(channel) for channel in figures.channels.points}
    assert window == counted(loaded, organization_id, figures.window.start, figures.window.end)


@pytest.mark.parametrize("organization_id", [1, 2, 4])
def test_totals_cover_the_whole_history_and_not_only_the_days_that_are_kept(
    lakes: OrganizationLakes, loaded: Settings, organization_id: int
) -> None:
    with open_lake(loaded, read_only=True) as lake:
        moved = lake.execute(
            "select count(*) from lake.rollup.channel_lifetime where organization_id = ?", [organization_id]
        ).fetchone()
    assert moved is not None
    assert moved[0] > 0
    assert read(lakes, Organization(organization_id)).lifetime == counted(
        loaded, organization_id, "-infinity", "infinity"
    )


def test_the_organizations_add_up_to_everything_there_is(lakes: OrganizationLakes, loaded: Settings) -> None:
    with psycopg.connect(loaded.required("source_url")) as source:
        ids = [row[0] for row in source.execute("select id from organizations_organization").fetchall()]
        everything = source.execute((OUTBOUND + "select count(*) from sent").encode()).fetchall()
    found = [sum(read(lakes, Organization(id_)).lifetime.values(), MessageCounts()).outbound for id_ in ids]
    assert [(sum(found),)] == everything
    assert sum(count > 0 for count in found) > 5


@pytest.mark.parametrize("organization_id", [1, 2])
def test_email_recipients_are_told_apart_by_what_ended_them(
    lakes: OrganizationLakes, loaded: Settings, organization_id: int
) -> None:
    with psycopg.connect(loaded.required("source_url"), row_factory=psycopg.rows.dict_row) as source:
        (expected,) = source.execute(EMAIL_COUNTS, {"org": organization_id}).fetchall()
    found = read(lakes, Organization(organization_id)).totals.activity
    assert found.email_recipients == expected.pop("total")
    assert {name: getattr(found, f"email_{name}") for name in expected} == expected


def test_an_organization_that_has_nothing_has_zeros_on_all_four_channels(lakes: OrganizationLakes) -> None:
    figures = read(lakes, NOBODY)
    assert list(figures.lifetime) == list(figures.channels.points) == list(CHANNELS)
    counts = {figures.channels.counts(channel) for channel in CHANNELS}
    assert {*figures.lifetime.values(), *counts, figures.today} == {MessageCounts()}
    assert {figures.channels.latency(channel) for channel in CHANNELS} == {Latency()}
    assert (figures.totals, figures.unsubscribed) == (Totals(), Unsubscribed())


def test_an_answer_is_of_one_snapshot_though_a_pass_ends_while_it_is_read(
    lakes: OrganizationLakes, loaded: Settings
) -> None:
    with open_lake(loaded) as writer, lakes.of(NOBODY) as lake:
        before = read_metrics(lake, Asked())
        writer.execute(
            "insert into lake.rollup.channel_total by name "
            "select * replace (? as organization_id) from lake.rollup.channel_total where channel = 'email' limit 1",
            [NOBODY.id],
        )
        try:
            assert read_metrics(lake, Asked()).lifetime == before.lifetime
            assert read(lakes, NOBODY).lifetime["email"].outbound > 0
        finally:
            writer.execute("delete from lake.rollup.channel_total where organization_id = ?", [NOBODY.id])
    assert read(lakes, NOBODY).lifetime == before.lifetime
