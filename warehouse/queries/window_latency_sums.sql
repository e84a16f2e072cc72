-- grain: channel; callbacks with a known latency within a window, and the sum of these latencies in ms
select channel, sum(latency_count)::bigint as latency_count, sum(latency_sum_ms)::double as latency_sum_ms
from lake.rollup.channel_{slot}
where organization_id = $organization_id and bucket_at >= $start and bucket_at < $end
    and day >= $start::date and day <= $end::date
group by channel
