-- grain: e-mail job x UTC day its recipients were written
select
    organization_id, email_job_id, created_at::date as day,
    count(*) filter (state = 'queued') as queued, count(*) filter (state = 'sent') as sent,
    count(*) filter (state = 'delivered') as delivered, count(*) filter (state = 'read') as read,
    count(*) filter (state = 'failed') as failed, count(*) filter (state = 'skipped') as skipped,
    count(*) filter (ending = 'bounced') as bounced, count(*) filter (ending = 'dropped') as dropped,
    count(*) filter (ending = 'spam') as spam
from ({recipient})
group by all
order by all
