-- grain: campaign x contact that the campaign's message was delivered to, of those that are asked about
select distinct campaign_id, contact_id
from {raw.campaign_recipient}
where campaign_id in ({campaigns}) and contact_id in ({contacts}) and state in ('delivered', 'read')
