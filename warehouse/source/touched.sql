-- Each select: what one kind of moved row touches. Run after the rows are merged, so joins see both sides of a change.
-- Hours are counted from 1970-01-01 00:00 UTC.

-- grain: e-mail job that belongs elsewhere now: it came, went, or changed its organization or campaign
create or replace temp table touched_job as
select id from moved_email_job
group by id
having count(*) = 1 or count(distinct (organization_id, campaign_id)) > 1;

-- grain: e-mail job x hour with a recipient that counts otherwise now: it moved itself, or a row that tells its state or
-- what ended it
create or replace temp table touched_email as
select email_job_id, epoch_us(created_at) // 3600000000 as hour from moved_email_recipient
union
select r.email_job_id, epoch_us(r.created_at) // 3600000000
from moved_campaign_recipient c
join lake.raw.email_job j on j.campaign_id = c.campaign_id
join lake.raw.email_recipient r on r.email_job_id = j.id and r.contact_id = c.contact_id
union
select email_job_id, epoch_us(created_at) // 3600000000
from lake.raw.email_recipient
where email_job_id in (select id from touched_job)
union
select email_job_id, epoch_us(created_at) // 3600000000
from lake.raw.email_recipient
where state = 'failed' and (
    message_key in (select message_key from moved_provider_event where message_key is not null)
    or message_key in (select message_key from moved_email_recipient where message_key is not null)
    or address_key in (select address_key from moved_suppression where address_key is not null)
);

-- grain: campaign x contact to whom an e-mail of the campaign's jobs, before or now, counts otherwise now
create or replace temp table touched_campaign_contact as
select distinct j.campaign_id, e.contact_id
from (
    select email_job_id, contact_id from moved_email_recipient
    union all
    select email_job_id, contact_id
    from (from lake.raw.email_recipient union all by name from lake.raw.earlier_email_recipient)
    where email_job_id in (select id from touched_job)
) e
join (
    select id, campaign_id from lake.raw.email_job
    union all
    select id, campaign_id from moved_email_job
) j on j.id = e.email_job_id
where j.campaign_id is not null;

-- channel_hours
select epoch_us(created_at) // 3600000000 from moved_outbound_message
union select epoch_us(created_at) // 3600000000 from moved_whatsapp_message
union select epoch_us(created_at) // 3600000000 from moved_telegram_message
union select epoch_us(created_at) // 3600000000 from moved_instagram_message
union select hour from touched_email
union select epoch_us(received_at) // 3600000000 from moved_provider_event
union select epoch_us(received_at) // 3600000000 from moved_inbound_message;

-- organization_hours
select epoch_us(created_at) // 3600000000 from moved_booking
union select epoch_us(called_at) // 3600000000 from moved_llm_call
union select hour from touched_email
union select epoch_us(created_at) // 3600000000 from moved_campaign_recipient
union
select epoch_us(created_at) // 3600000000
from lake.raw.campaign_recipient
where campaign_id in (
    select id from moved_campaign group by id having count(*) = 1 or count(distinct organization_id) > 1
)
union
select epoch_us(created_at) // 3600000000
from lake.raw.campaign_recipient
join touched_campaign_contact using (campaign_id, contact_id);

-- contact_hours
select epoch_us(created_at) // 3600000000 from moved_contact;

-- campaigns
select campaign_id from moved_campaign_recipient
union select id from moved_campaign
union select campaign_id from touched_campaign_contact;

-- email_jobs
select email_job_id from touched_email
union select id from moved_email_job
