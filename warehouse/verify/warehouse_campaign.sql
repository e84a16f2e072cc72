-- grain: campaign that still exists; recipients of the kept days, and those attributed to it who unsubscribed
with recipient as (
    select
        organization_id, campaign_id, sum(queued) as queued, sum(sent) as sent, sum(delivered) as delivered,
        sum(read) as read, sum(failed) as failed, sum(unsubscribed) as unsubscribed
    from lake.rollup.campaign_day
    group by all
),
attributed as (
    select organization_id, campaign_id, count(*) as unsubscribed_later
    from lake.rollup.unsubscribe
    where campaign_id is not null
    group by all
)
select * from recipient full join attributed using (organization_id, campaign_id)
