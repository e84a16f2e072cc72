-- grain: campaign x UTC day its recipients were written x masked error text of the failed ones
select
    organization_id, campaign_id, created_at::date as day, channel, coalesce(template, '') as template,
    count(*) as failed
from ({recipient})
where state = 'failed'
group by all
order by all
