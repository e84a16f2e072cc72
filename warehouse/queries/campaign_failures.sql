-- grain: masked error text of one campaign's failed recipients, whenever they were written; '' where none was given
select n.template, coalesce(f.reason, 'unknown') as reason, n.failed
from (
    select template, sum(failed)::bigint as failed
    from (
        select template, failed from {rollup.campaign_failure_day} where campaign_id = $id
        union all by name
        select template, failed from {rollup.campaign_failure_lifetime} where campaign_id = $id
    )
    group by all
) n
left join {rollup.failure_reason} f on f.channel = $channel and f.template = n.template
where n.failed > 0
