-- grain: window x organization x category x channel of the platform's own alerts in it that nobody acknowledged
with {spans}
select
    number, organization_id, category, coalesce(channel, '') as channel, count(*) as rows,
    count(*) filter (severity = 'error') as errors, count(*) filter (severity = 'warning') as warnings,
    min(created_at) as first_seen, max(created_at) as last_seen,
    coalesce(list(distinct outbound_id order by outbound_id) filter (outbound_id is not null), [])[:5] as outbound_ids,
    coalesce(list(distinct booking_id order by booking_id) filter (booking_id is not null), [])[:5] as booking_ids,
    coalesce(list(distinct campaign_id order by campaign_id) filter (campaign_id is not null), [])[:5] as campaign_ids,
    mode(template order by template) as template -- of those that are as frequent, always the same
from {lake}raw.monitoring_alert
join span_bucket on time_bucket(interval 5 minutes, created_at) = bucket_at
where day between $first_day and $last_day and created_at >= $since and created_at < $until and not is_acknowledged
group by all
