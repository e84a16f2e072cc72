-- grain: masked error text of one e-mail job's failed recipients that are kept as single rows; '' where none was given
select 'email' as channel, f.template, coalesce(r.reason, 'unknown') as reason, f.failed
from (
    select coalesce(template, '') as template, count(*) as failed
    from {raw.email_recipient}
    where email_job_id = {id} and state = 'failed' and {within}
    group by all
) f
left join {rollup.failure_reason} r on r.channel = 'email' and r.template = f.template
order by f.failed desc, f.template
