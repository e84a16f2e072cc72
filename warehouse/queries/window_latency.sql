-- grain: channel x latency bucket (sketch.py), within a window
select channel, bucket, sum(n)::bigint as n
from (
    select channel, unnest(latency, recursive := true)
    from lake.rollup.channel_{slot}
    where organization_id = $organization_id and bucket_at >= $start and bucket_at < $end
        and day >= $start::date and day <= $end::date
)
group by channel, bucket
