-- grain: organization x slot of {slot_us} microseconds; recipients of campaigns
select
    organization_id, epoch_us(created_at) // {slot_us} as slot,
    count(*) filter (state = 'queued') as campaign_queued, count(*) filter (state = 'sent') as campaign_sent,
    count(*) filter (state = 'delivered') as campaign_delivered, count(*) filter (state = 'read') as campaign_read,
    count(*) filter (state = 'failed') as campaign_failed,
    count(*) filter (state = 'unsubscribed') as campaign_unsubscribed
from ({campaign_sent})
group by all
