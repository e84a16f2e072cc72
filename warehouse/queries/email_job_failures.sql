-- grain: masked error text of one e-mail job's failed recipients, whenever they were written; '' where none was given
select n.template, coalesce(f.reason, 'unknown') as reason, n.failed
from (
    select template, sum(failed)::bigint as failed
    from (
        select template, failed from {rollup.email_job_failure_day} where email_job_id = $id
        union all by name
        select template, failed from {rollup.email_job_failure_lifetime} where email_job_id = $id
    )
    group by all
) n
left join {rollup.failure_reason} f on f.channel = $channel and f.template = n.template
where n.failed > 0
