-- grain: campaign; its recipients since {from} who failed, whatever the error's text
select campaign.organization_id, campaign.id as campaign_id, {channel:campaign.channel} as channel, count(*) as failed
from {schema}.messaging_campaignrecipient as r
join {schema}.messaging_campaign as campaign on campaign.id = r.campaign_id
where r.created_at >= {from} and lower(btrim(r.status, {blanks})) = 'failed'
group by 1, 2, 3
