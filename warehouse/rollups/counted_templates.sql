-- grain: channel x masked error text, with how often a message failed with it, in days and before them
select channel, template, sum(failed)::bigint as failed
from (
    select channel, template, failed from lake.rollup.failure_day
    union all
    select channel, template, failed from lake.rollup.failure_lifetime
)
group by all
order by failed desc, channel, template
