-- grain: UTC day x channel
select
    day, channel,
    sum(queued + sent + delivered + read + failed + skipped + retrying)::bigint as outbound,
    sum(delivered + read)::bigint as delivered,
    sum(failed)::bigint as failed,
    sum(inbound)::bigint as inbound
from lake.rollup.channel_hour
where organization_id = $organization and bucket_at >= $start and bucket_at < $end
group by all
order by day, channel
