-- grain: campaign x contact that the campaign's message was delivered to, of those that are asked about; of `delivered`
-- and `read` the greater word is the further one
select campaign_id, contact_id, max(state)
from {raw.campaign_recipient}
where campaign_id in ({campaigns}) and contact_id in ({contacts}) and state in ('delivered', 'read')
group by all
