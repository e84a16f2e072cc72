-- grain: one recipient of a campaign
select c.organization_id, c.channel, r.id, r.campaign_id, r.created_at, r.state, r.template
from {raw}campaign_recipient r
join lake.raw.campaign c on c.id = r.campaign_id
where {within:r.created_at}
