-- Each select: what one kind of moved row touches. Run after the rows are merged, so joins see both sides of a change.
-- Hours are counted from 1970-01-01 00:00 UTC.

-- channel_hours
select epoch_us(created_at) // 3600000000 from moved_outbound_message
union select epoch_us(created_at) // 3600000000 from moved_whatsapp_message
union select epoch_us(created_at) // 3600000000 from moved_telegram_message
union select epoch_us(created_at) // 3600000000 from moved_instagram_message
union select epoch_us(created_at) // 3600000000 from moved_email_recipient
union select epoch_us(received_at) // 3600000000 from moved_provider_event
union select epoch_us(received_at) // 3600000000 from moved_inbound_message
union
select epoch_us(r.created_at) // 3600000000
from moved_campaign_recipient c
join lake.raw.email_job j on j.campaign_id = c.campaign_id
join lake.raw.email_recipient r on r.email_job_id = j.id and r.contact_id = c.contact_id
union
select epoch_us(r.created_at) // 3600000000
from lake.raw.email_recipient r
where r.email_job_id in (
    select id from moved_email_job
    group by id
    having count(distinct (organization_id, campaign_id)) > 1
);

-- organization_hours
select epoch_us(created_at) // 3600000000 from moved_booking
union select epoch_us(called_at) // 3600000000 from moved_llm_call;

-- contact_hours
select epoch_us(created_at) // 3600000000 from moved_contact;

-- campaigns
select campaign_id from moved_campaign_recipient
union select id from moved_campaign;

-- email_jobs
select email_job_id from moved_email_recipient
union select id from moved_email_job
union
select r.email_job_id
from moved_provider_event e
join lake.raw.email_recipient r on r.message_key = e.message_key
union
select r.email_job_id
from moved_suppression s
join lake.raw.email_recipient r on r.address_key = s.address_key
union
select j.id
from moved_campaign_recipient c
join lake.raw.email_job j on j.campaign_id = c.campaign_id
