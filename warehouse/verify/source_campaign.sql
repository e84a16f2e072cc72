-- grain: campaign; its recipients since {from} by state, and those who unsubscribed after it had reached them last
with recipient as (
    select campaign_id,
        count(*) filter (where lower(trim(status)) = 'sent') as sent,
        count(*) filter (where lower(trim(status)) = 'delivered') as delivered,
        count(*) filter (where lower(trim(status)) = 'read') as read,
        count(*) filter (where lower(trim(status)) = 'failed') as failed,
        count(*) filter (where lower(trim(status)) = 'unsubscribed') as unsubscribed,
        count(*) filter (
            where lower(trim(status)) not in ('sent', 'delivered', 'read', 'failed', 'unsubscribed')
        ) as queued
    from {schema}.messaging_campaignrecipient where created_at >= {from} group by 1
),
leaver as (
    select contact.id, contact.organization_id, coalesce(link.at, contact.updated_at) as at
    from {schema}.contacts_contact as contact
    left join (
        select organization_id, lower(trim(identifier)) as address, max(created_at) as at
        from {schema}.messaging_suppression
        where lower(trim(channel)) = 'email' and trim(reason) = '' and identifier <> '' group by 1, 2
    ) as link on link.organization_id = contact.organization_id and link.address = lower(trim(contact.email))
    where lower(trim(contact.status)) = 'unsubscribed' and not exists (
        select from {schema}.messaging_campaignrecipient as own
        where own.contact_id = contact.id and lower(trim(own.status)) = 'unsubscribed'
    )
),
attributed as (
    select campaign_id, count(*) as unsubscribed_later
    from leaver
    cross join lateral (
        select r.campaign_id
        from {schema}.messaging_campaignrecipient as r
        join {schema}.messaging_campaign as c on c.id = r.campaign_id and c.organization_id = leaver.organization_id
        where r.contact_id = leaver.id and r.created_at <= leaver.at
            and lower(trim(r.status)) in ('sent', 'delivered', 'read')
        order by r.created_at desc, r.id desc limit 1
    ) as last group by 1
)
select campaign.organization_id, campaign.id as campaign_id, coalesce(queued, 0) as queued, coalesce(sent, 0) as sent,
    coalesce(delivered, 0) as delivered, coalesce(read, 0) as read, coalesce(failed, 0) as failed,
    coalesce(unsubscribed, 0) as unsubscribed, coalesce(unsubscribed_later, 0) as unsubscribed_later
from {schema}.messaging_campaign as campaign
left join recipient on recipient.campaign_id = campaign.id
left join attributed on attributed.campaign_id = campaign.id
where recipient.campaign_id is not null or attributed.campaign_id is not null
