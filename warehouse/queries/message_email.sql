-- grain: one e-mail to a recipient of an e-mail job
select
    'email' as source, r.id, 'email' as channel, {email_state} as state, r.created_at, r.day, r.template, r.sent_at, r.read_at,
    r.retry_count, r.email_job_id, j.campaign_id, r.contact_id
from {raw.email_recipient} r
join {raw.email_job} j on j.id = r.email_job_id
