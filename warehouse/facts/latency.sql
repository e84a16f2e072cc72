-- grain: organization x channel with callbacks of a known latency in the window; one entry a slot of $slot_us
with part as (
    select
        organization_id, channel, (epoch_us(bucket_at) - epoch_us($start::timestamp)) // $slot_us as slot,
        unnest(latency) as part
    from lake.rollup.channel_5m
    where day between $start_day and $end_day and bucket_at >= $start and bucket_at < $end and latency_count > 0
),
counted as (
    select organization_id, channel, slot, part.bucket as bucket, sum(part.n) as n from part group by all
),
ranked as (
    -- the value at rank floor(0.95 * (count - 1)), as sketch.py defines it
    select
        organization_id, channel, slot, bucket,
        sum(n) over (partition by organization_id, channel, slot order by bucket) as seen,
        sum(n) over (partition by organization_id, channel, slot) as callbacks
    from counted
),
slots as (
    select organization_id, channel, slot, any_value(callbacks)::bigint as callbacks, min(bucket) as bucket
    from ranked
    where seen > floor(0.95 * (callbacks - 1))
    group by all
)
select
    organization_id, channel, list(callbacks order by slot) as callbacks,
    list(2 * pow({gamma}, bucket) / ({gamma} + 1) order by slot) as p95_ms
from slots
group by all
