-- grain: one e-mail recipient. SendGrid's `delivered` leaves the recipient at `sent`; its campaign recipient tells.
select
    j.organization_id, r.id, r.email_job_id, r.created_at, r.template, r.message_key, r.address_key, r.sent_at,
    if(
        r.state = 'sent' and j.campaign_id is not null and exists (
            from {raw}campaign_recipient c
            where c.campaign_id = j.campaign_id and c.contact_id = r.contact_id and c.state in ('delivered', 'read')
        ),
        'delivered', r.state
    ) as state
from {raw}email_recipient r
join lake.raw.email_job j on j.id = r.email_job_id
where {within:r.created_at}
