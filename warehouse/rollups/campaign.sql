-- grain: campaign x UTC day its recipients were written
select
    c.organization_id, r.campaign_id, r.created_at::date as day,
    count(*) filter (r.state = 'queued') as queued, count(*) filter (r.state = 'sent') as sent,
    count(*) filter (r.state = 'delivered') as delivered, count(*) filter (r.state = 'read') as read,
    count(*) filter (r.state = 'failed') as failed, count(*) filter (r.state = 'unsubscribed') as unsubscribed
from {raw}campaign_recipient r
join lake.raw.campaign c on c.id = r.campaign_id
where {within}
group by all
order by all
