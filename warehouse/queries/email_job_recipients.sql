-- grain: 5 minutes x state x masked error text of one e-mail job's recipients, by the time they were written; only those
-- that failed have a text, '' where none was given
select n.bucket_us, n.state, n.recipients, n.template, coalesce(f.reason, 'unknown') as reason
from (
    select
        epoch_us(r.created_at) // 300000000 * 300000000 as bucket_us,
        if({is_confirmed}, 'delivered', r.state) as state,
        case when r.state = 'failed' then coalesce(r.template, '') end as template, count(*) as recipients
    from {raw.email_recipient} r
    where r.email_job_id = $id and {within}
    group by all
) n
left join {rollup.failure_reason} f on f.channel = $channel and f.template = n.template
