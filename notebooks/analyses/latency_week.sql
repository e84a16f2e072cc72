-- grain: weekday (1 = Monday) x hour (UTC) x bucket of the latency sketch
with sketches as (
    select isodow(bucket_at) as weekday, hour(bucket_at) as hour, unnest(latency) as pair
    from lake.rollup.channel_hour
    where organization_id = $organization and bucket_at >= $before and bucket_at < $end
)
select weekday, hour, pair.bucket as bucket, sum(pair.n)::bigint as n
from sketches
group by all
