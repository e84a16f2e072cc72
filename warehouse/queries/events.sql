-- grain: one callback of a provider, newest first
select id, channel, status, coalesce(latency_ms, 0) as latency_ms, received_at, outbound_id
from {raw.provider_event}
where {wanted}
order by received_at desc, id desc
limit {limit}
