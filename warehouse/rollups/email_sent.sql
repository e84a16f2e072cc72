-- grain: one e-mail recipient. SendGrid's `delivered` leaves the recipient at `sent`; its campaign recipient tells.
select
    j.organization_id, r.id, r.email_job_id, r.created_at, r.template, r.message_key, r.address_key, r.sent_at,
    {email_state} as state
from {raw}email_recipient r
join lake.raw.email_job j on j.id = r.email_job_id
left join (
    -- of the two words the greater is the further one
    select campaign_id, contact_id, max(state) as state
    from {raw}campaign_recipient
    where state in ('delivered', 'read')
    group by all
) c on r.state = 'sent' and c.campaign_id = j.campaign_id and c.contact_id = r.contact_id
where {within:r.created_at}
