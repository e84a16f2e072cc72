-- grain: one message, newest first
with message as (
    select
        null::varchar as source, null::bigint as id, null::varchar as channel, null::varchar as state,
        null::timestamp as created_at, null::date as day, null::varchar as template, null::timestamp as sent_at,
        null::timestamp as delivered_at, null::timestamp as read_at, null::timestamp as failed_at,
        null::integer as retry_count, null::bigint as campaign_id, null::bigint as email_job_id,
        null::bigint as contact_id
    where false
    union all by name
    {sources}
),
chosen as (
    select * from message
    where {wanted}
    order by created_at desc, source desc, id desc
    limit {limit}
)
select
    c.source, c.id, c.channel, c.state as status, c.created_at, c.sent_at,
    c.delivered_at, c.read_at, c.failed_at, c.template,
    case when c.state = 'failed' then coalesce(f.reason, 'unknown') end as reason,
    c.retry_count, c.email_job_id, c.campaign_id, c.contact_id
from chosen c
left join {rollup.failure_reason} f
    on c.state = 'failed' and f.channel = c.channel and f.template = coalesce(c.template, '')
order by c.created_at desc, c.source desc, c.id desc
