-- grain: reason; failures of two windows of equal length
select
    coalesce(reason, 'unknown') as part,
    sum(failed) filter (bucket_at >= $start)::bigint as failed,
    sum(failed) filter (bucket_at < $start)::bigint as failed_before
from lake.rollup.failure_hour
left join lake.rollup.failure_reason using (channel, template)
where organization_id = $organization and bucket_at >= $before and bucket_at < $end
group by all
order by failed desc
