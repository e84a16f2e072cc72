-- grain: organization x slot of {slot_us} microseconds; recipients of campaigns
select
    c.organization_id, epoch_us(r.created_at) // {slot_us} as slot,
    count(*) filter (r.state = 'queued') as campaign_queued, count(*) filter (r.state = 'sent') as campaign_sent,
    count(*) filter (r.state = 'delivered') as campaign_delivered, count(*) filter (r.state = 'read') as campaign_read,
    count(*) filter (r.state = 'failed') as campaign_failed,
    count(*) filter (r.state = 'unsubscribed') as campaign_unsubscribed
from {raw}campaign_recipient r
join lake.raw.campaign c on c.id = r.campaign_id
where {within:r.created_at}
group by all
