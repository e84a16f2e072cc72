-- grain: campaign; its recipients since {from} by state, and those who unsubscribed after it had reached them last
with recipient as (
    select campaign_id,
        count(*) filter (where state = 'sent') as sent, count(*) filter (where state = 'delivered') as delivered,
        count(*) filter (where state = 'read') as read, count(*) filter (where state = 'failed') as failed,
        count(*) filter (where state = 'unsubscribed') as unsubscribed, count(*) filter (where state = 'queued') as queued
    from ({campaign_recipient}) as told group by 1
),
ever as materialized (select * from ({ever_campaign_recipient}) as told),
leaver as (
    select contact.id, contact.organization_id, coalesce(link.at, contact.updated_at) as at
    from {schema}.contacts_contact as contact
    left join (
        select organization_id, lower(btrim(identifier, {blanks})) as address, max(created_at) as at
        from {schema}.messaging_suppression
        where {channel:channel} = 'email' and btrim(reason, {blanks}) = '' and btrim(identifier, {blanks}) <> '' group by 1, 2
    ) as link on link.organization_id = contact.organization_id and link.address = lower(btrim(contact.email, {blanks}))
    where lower(btrim(contact.status, {blanks})) = 'unsubscribed' and not exists (
        select from {schema}.messaging_campaignrecipient as own
        where own.contact_id = contact.id and lower(btrim(own.status, {blanks})) = 'unsubscribed'
    )
),
attributed as (
    select campaign_id, count(*) as unsubscribed_later
    from leaver
    cross join lateral (
        select r.campaign_id
        from ever as r
        where r.contact_id = leaver.id and r.organization_id = leaver.organization_id and r.created_at <= leaver.at
            and state in ('sent', 'delivered', 'read')
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
