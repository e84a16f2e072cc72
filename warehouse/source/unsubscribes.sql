-- grain: a contact who unsubscribed and was touched by this pass; when it did, and the campaign it is attributed to.
-- Nothing in the source ties an unsubscribe to a campaign: it goes to the last campaign that reached the contact before.
-- A contact whose recipient row itself says `unsubscribed` is counted there (campaign rollup) and not once more here.
with person as (
    select
        c.id as contact_id, c.organization_id,
        coalesce(
            (
                select max(s.created_at) from lake.raw.suppression s
                where s.address_key = c.address_key and s.organization_id = c.organization_id
                    and s.channel = 'email' and s.reason = ''
            ),
            c.unsubscribed_at
        ) as unsubscribed_at
    from lake.raw.contact c
    where c.status = 'unsubscribed' and c.id in (from touched_contact)
),
email as (
    select j.campaign_id, e.contact_id, arg_max(e.state, e.id) as state
    from reached_email_recipient e
    join lake.raw.email_job j on j.id = e.email_job_id
    where e.contact_id in (select contact_id from person)
    group by all
),
reached as (
    select r.id, r.campaign_id, r.contact_id, r.created_at, {campaign_state} as state
    from reached_campaign_recipient r
    left join email e on e.campaign_id = r.campaign_id and e.contact_id = r.contact_id
    where r.contact_id in (select contact_id from person)
)
select
    p.contact_id, p.organization_id,
    arg_max(r.campaign_id, (r.created_at, r.id)) filter (
        r.state in ('sent', 'delivered', 'read') and r.created_at <= p.unsubscribed_at
        and k.organization_id = p.organization_id
    ) as campaign_id,
    p.unsubscribed_at
from person p
left join reached r on r.contact_id = p.contact_id
left join lake.raw.campaign k on k.id = r.campaign_id
group by p.contact_id, p.organization_id, p.unsubscribed_at
having count(*) filter (r.state = 'unsubscribed') = 0
