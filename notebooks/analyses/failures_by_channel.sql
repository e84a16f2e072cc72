-- grain: channel; failures of two windows of equal length
select
    channel as part,
    sum(failed) filter (bucket_at >= $start)::bigint as failed,
    sum(failed) filter (bucket_at < $start)::bigint as failed_before,
    sum(queued + sent + delivered + read + failed + skipped + retrying) filter (bucket_at >= $start)::bigint as outbound,
    sum(queued + sent + delivered + read + failed + skipped + retrying) filter (bucket_at < $start)::bigint
        as outbound_before
from lake.rollup.channel_hour
where organization_id = $organization and bucket_at >= $before and bucket_at < $end
group by all
order by failed desc
