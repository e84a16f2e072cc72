-- grain: organization x channel; exact percentiles of callback latency since {from}, by rank floor(q (n - 1))
select organization_id, channel, ordered[1 + floor(0.50 * (n - 1))::int] as p50,
    ordered[1 + floor(0.95 * (n - 1))::int] as p95, ordered[1 + floor(0.99 * (n - 1))::int] as p99
from (
    select organization_id, {channel:channel} as channel, array_agg(latency_ms order by latency_ms) as ordered,
        count(*) as n
    from {schema}.messaging_providerevent
    where latency_ms > 0 and received_at >= {from}
    group by 1, 2
) as known
