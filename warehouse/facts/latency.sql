-- grain: window x organization x channel with slots (of $slot_us) whose p95 is in bucket $least_bucket or above; one
-- entry a slot
with {spans},
recent as (
    -- entries below that bucket are only counted: a slow hour is rare, and most sketches need not be looked at
    select
        number, organization_id, channel, (epoch_us(bucket_at) - epoch_us(span_start)) // $slot_us as slot,
        latency_count, list_filter(latency, lambda entry: entry.bucket >= $least_bucket) as high
    from {lake}rollup.channel_5m
    join span_bucket using (bucket_at)
    where day between $first_day and $last_day and bucket_at >= $since and bucket_at < $until and latency_count > 0
),
total as (
    select number, organization_id, channel, slot, sum(latency_count)::bigint as callbacks from recent group by all
),
part as (
    select number, organization_id, channel, slot, unnest(high) as entry from recent where len(high) > 0
),
counted as (
    select number, organization_id, channel, slot, entry.bucket as bucket, sum(entry.n) as n from part group by all
),
ranked as (
    select
        number, organization_id, channel, slot, bucket, callbacks,
        sum(n) over (partition by number, organization_id, channel, slot order by bucket desc) as from_top
    from counted
    join total using (number, organization_id, channel, slot)
),
slow as (
    -- the value at rank floor(0.95 * (count - 1)) from below, as latency/sketch.py defines it, found from above
    select number, organization_id, channel, slot, any_value(callbacks) as callbacks, max(bucket) as bucket
    from ranked
    where callbacks - from_top <= floor(0.95 * (callbacks - 1))
    group by all
)
select
    number, organization_id, channel, list(callbacks order by slot) as callbacks,
    list(2 * pow({gamma}, bucket) / ({gamma} + 1) order by slot) as p95_ms
from slow
group by all
