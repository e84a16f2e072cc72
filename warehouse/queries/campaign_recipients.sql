-- grain: 5 minutes x state x masked error text of one campaign's recipients, by the time they were written; only those
-- that failed have a text, '' where none was given
with recipient as (
    select r.created_at, {campaign_state} as state, {campaign_template} as template
    from {raw.campaign_recipient} r
    left join ({campaign_email}) e on e.campaign_id = r.campaign_id and e.contact_id = r.contact_id
    where r.campaign_id = $id and {within}
)
select n.bucket_us, n.state, n.recipients, n.template, coalesce(f.reason, 'unknown') as reason
from (
    select
        epoch_us(created_at) // 300000000 * 300000000 as bucket_us, state,
        case when state = 'failed' then coalesce(template, '') end as template, count(*) as recipients
    from recipient
    group by all
) n
left join {rollup.failure_reason} f on f.channel = $channel and f.template = n.template
