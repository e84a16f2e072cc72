-- grain: channel; all that an organization ever had
select channel, {measures}
from (
    select * exclude (bucket_at, day) from lake.rollup.channel_day where organization_id = $organization_id
    union all by name
    select * from lake.rollup.channel_lifetime where organization_id = $organization_id
)
group by channel
