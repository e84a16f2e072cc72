-- grain: organization; recipients of its campaigns that still exist, and contacts who unsubscribed
with recipient as (
    select campaign_id, queued, sent, delivered, read, failed, unsubscribed
    from lake.rollup.campaign_day
    where organization_id = $organization_id
    union all
    select campaign_id, queued, sent, delivered, read, failed, unsubscribed
    from lake.rollup.campaign_lifetime
    where organization_id = $organization_id
),
counted as (
    select
        sum(queued) as queued, sum(sent) as sent, sum(delivered) as delivered, sum(read) as read,
        sum(failed) as failed, sum(unsubscribed) as unsubscribed
    from recipient
    where campaign_id in (select id from lake.raw.campaign where organization_id = $organization_id)
),
leaver as (
    select count(campaign_id) as attributed, count(*) - count(campaign_id) as others
    from lake.rollup.unsubscribe
    where organization_id = $organization_id
)
select
    coalesce(queued, 0), coalesce(sent, 0), coalesce(delivered, 0), coalesce(read, 0), coalesce(failed, 0),
    coalesce(unsubscribed, 0), attributed, others
from counted, leaver
