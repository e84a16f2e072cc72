-- grain: one recipient of a campaign
select 'campaign' as source, r.id, c.channel, r.state, r.created_at, r.day, r.template, r.campaign_id
from {raw.campaign_recipient} r
join {raw.campaign} c on c.id = r.campaign_id
