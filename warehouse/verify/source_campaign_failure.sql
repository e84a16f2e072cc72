-- grain: campaign; its recipients since {from} who failed, whatever the error's text
select organization_id, campaign_id, {channel:channel} as channel, count(*) as failed
from ({campaign_recipient}) as told
where state = 'failed'
group by 1, 2, 3
