-- Each statement: what one kind of moved row touches, into `touched (what, key)`; it is passed over where none of the rows
-- it names moved. Run after the rows are merged, so joins see both sides of a change. Hours are counted from 1970-01-01
-- 00:00 UTC.

insert into touched select 'channel_hours', epoch_us(created_at) // 3600000000 from moved_outbound_message;
insert into touched select 'channel_hours', epoch_us(created_at) // 3600000000 from moved_whatsapp_message;
insert into touched select 'channel_hours', epoch_us(created_at) // 3600000000 from moved_telegram_message;
insert into touched select 'channel_hours', epoch_us(created_at) // 3600000000 from moved_instagram_message;
insert into touched select 'channel_hours', epoch_us(received_at) // 3600000000 from moved_provider_event;
insert into touched select 'channel_hours', epoch_us(received_at) // 3600000000 from moved_inbound_message;
insert into touched select 'organization_hours', epoch_us(created_at) // 3600000000 from moved_booking;
insert into touched select 'organization_hours', epoch_us(called_at) // 3600000000 from moved_llm_call;
insert into touched select 'contact_hours', epoch_us(created_at) // 3600000000 from moved_contact;
insert into touched select 'campaigns', id from moved_campaign;
insert into touched select 'email_jobs', id from moved_email_job;
insert into touched select 'campaigns', campaign_id from moved_campaign_recipient;
insert into touched select 'organization_hours', epoch_us(created_at) // 3600000000 from moved_campaign_recipient;

-- a campaign that came, went, or changed its organization
insert into touched
select 'organization_hours', epoch_us(created_at) // 3600000000
from lake.raw.campaign_recipient
where campaign_id in (
    select id from moved_campaign group by id having count(*) = 1 or count(distinct organization_id) > 1
);

-- an e-mail counts otherwise: it moved itself
insert into touched_email select email_job_id, epoch_us(created_at) // 3600000000 from moved_email_recipient;

-- or the recipient of its campaign
insert into touched_email
select r.email_job_id, epoch_us(r.created_at) // 3600000000
from moved_campaign_recipient c
join lake.raw.email_job j on j.campaign_id = c.campaign_id
join lake.raw.email_recipient r on r.email_job_id = j.id and r.contact_id = c.contact_id;

-- or its job came, went, or changed its organization or campaign
insert into touched_email
select email_job_id, epoch_us(created_at) // 3600000000
from lake.raw.email_recipient
where email_job_id in (
    select id from moved_email_job
    group by id
    having count(*) = 1 or count(distinct (organization_id, campaign_id)) > 1
);

-- or something that tells what ended it
insert into touched_email
select email_job_id, epoch_us(created_at) // 3600000000
from lake.raw.email_recipient
where state = 'failed' and (
    message_key in (select message_key from moved_provider_event where message_key is not null)
    or message_key in (select message_key from moved_email_recipient where message_key is not null)
    or address_key in (select address_key from moved_suppression where address_key is not null)
);

-- a campaign recipient whose e-mail moved, or whose e-mail's job did as above
insert into touched_pair
select j.campaign_id, e.contact_id
from moved_email_recipient e
join (
    select id, campaign_id from lake.raw.email_job
    union all
    select id, campaign_id from moved_email_job
) j on j.id = e.email_job_id;

insert into touched_pair
select j.campaign_id, e.contact_id
from (from lake.raw.email_recipient union all by name from lake.raw.earlier_email_recipient) e
join moved_email_job j on j.id = e.email_job_id
where j.id in (
    select id from moved_email_job
    group by id
    having count(*) = 1 or count(distinct (organization_id, campaign_id)) > 1
);
