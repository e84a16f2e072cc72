-- grain: campaign x UTC day its recipients were written
select
    organization_id, campaign_id, created_at::date as day,
    count(*) filter (state = 'queued') as queued, count(*) filter (state = 'sent') as sent,
    count(*) filter (state = 'delivered') as delivered, count(*) filter (state = 'read') as read,
    count(*) filter (state = 'failed') as failed, count(*) filter (state = 'unsubscribed') as unsubscribed
from ({recipient})
group by all
order by all
