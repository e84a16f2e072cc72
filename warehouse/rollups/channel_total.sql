-- grain: organization x channel; its sums over all days
select organization_id, channel, {sums}
from (
    select * exclude (bucket_at, day, latency) from lake.rollup.channel_day
    union all by name
    select * exclude (latency) from lake.rollup.channel_lifetime
)
group by organization_id, channel
order by organization_id, channel
