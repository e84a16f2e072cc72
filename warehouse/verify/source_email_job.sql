-- grain: e-mail job; its recipients since {from} by state, and the failed ones by what ended them
select organization_id, email_job_id,
    count(*) filter (where state = 'queued') as queued, count(*) filter (where state = 'sent') as sent,
    count(*) filter (where state = 'delivered') as delivered, count(*) filter (where state = 'read') as read,
    count(*) filter (where state = 'failed') as failed, count(*) filter (where state = 'skipped') as skipped,
    count(*) filter (where ending = 'bounced') as bounced, count(*) filter (where ending = 'dropped') as dropped,
    count(*) filter (where ending = 'spam') as spam
from ({email}) as email
group by 1, 2
