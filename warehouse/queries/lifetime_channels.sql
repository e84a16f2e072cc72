-- grain: channel; all that an organization ever had
select channel, {measures}
from (
    select channel, queued, sent, delivered, read, failed, skipped, retrying, inbound
    from lake.rollup.channel_day
    where organization_id = $organization_id
    union all
    select channel, queued, sent, delivered, read, failed, skipped, retrying, inbound
    from lake.rollup.channel_lifetime
    where organization_id = $organization_id
)
group by channel
