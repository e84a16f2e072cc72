-- grain: campaign with recipients in the raw window, the latest first
select campaign.id, campaign.name, campaign.created_at, count(*) as recipients
from lake.raw.campaign_recipient as recipient
join lake.raw.campaign as campaign on campaign.id = recipient.campaign_id
where campaign.organization_id = $organization
group by all
order by campaign.created_at desc
limit 40
