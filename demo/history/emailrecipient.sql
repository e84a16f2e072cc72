-- One row a recipient of an e-mail job. A delivered callback leaves the status at sent; an open makes it read.
insert into messaging_emailrecipient (
    id, email, full_name, status, error, sent_at, retry_count, created_at, updated_at, contact_id, job_id,
    provider_message_id, signed_token, read_at
)
select id, simulator.email(contact_id), simulator.first_name(contact_id) || ' ' || simulator.last_name(contact_id),
    case status when 'pending' then 'queued' when 'delivered' then 'sent' when 'refused' then 'failed' else status end,
    coalesce(error, ''), sent_at, retry_count, created_at,
    greatest(created_at, sent_at, delivered_at, read_at, failed_at), contact_id, job_id,
    case when sent_at is null then '' else simulator.provider_message_id(channel, n) end,
    md5(n || ':token'), read_at
from simulator.message
where source = 'email';
