-- grain: masked error text of one campaign's failed recipients that are kept as single rows; '' where none was given
select c.channel, f.template, coalesce(r.reason, 'unknown') as reason, f.failed
from (
    select coalesce(template, '') as template, count(*) as failed
    from {raw.campaign_recipient}
    where campaign_id = {id} and state = 'failed' and {within}
    group by all
) f
join {raw.campaign} c on c.id = {id}
left join {rollup.failure_reason} r on r.channel = c.channel and r.template = f.template
order by f.failed desc, f.template
