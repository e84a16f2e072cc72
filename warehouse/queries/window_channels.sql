-- grain: channel; within a window
select channel, {measures}
from lake.rollup.channel_{slot}
where organization_id = $organization_id and bucket_at >= $start and bucket_at < $end
    and day >= $start::date and day <= $end::date
group by channel
