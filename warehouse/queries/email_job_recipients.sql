-- grain: 5 minutes x state of one e-mail job's recipients, by the time they were written
select
    epoch_us(r.created_at) // 300000000 * 300000000 as bucket_us, if({is_confirmed}, 'delivered', r.state) as state,
    count(*) as n
from {raw.email_recipient} r
where r.email_job_id = {id} and {within}
group by all
