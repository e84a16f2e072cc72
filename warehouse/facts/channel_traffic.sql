-- grain: window x organization x channel with sends or callbacks in it; usual_… are the {usual_days} days before it
with {spans},
recent as (
    select
        number, usual_end, organization_id, channel, sum(sent + delivered + read + failed)::bigint as attempted,
        sum(failed)::bigint as failed, sum(sent + delivered + read)::bigint as sent,
        sum(callbacks)::bigint as callbacks, sum(callback_errors)::bigint as callback_errors
    from {lake}rollup.channel_5m
    join span_bucket using (bucket_at)
    where day between $first_day and $last_day and bucket_at >= $since and bucket_at < $until
    group by all
    having attempted > 0 or callbacks > 0
),
usual as (
    select
        usual_end, organization_id, channel, sum(sent + delivered + read + failed)::bigint as attempted,
        sum(failed)::bigint as failed, sum(sent + delivered + read)::bigint as sent,
        sum(callbacks)::bigint as callbacks
    from {lake}rollup.channel_hour
    join usual_hour using (bucket_at)
    where day between $first_day - {usual_days} - 1 and $last_day
    group by all
)
select
    recent.number, recent.organization_id, recent.channel, recent.attempted, recent.failed, recent.sent,
    recent.callbacks, recent.callback_errors, coalesce(usual.attempted, 0), coalesce(usual.failed, 0),
    coalesce(usual.sent, 0), coalesce(usual.callbacks, 0)
from recent
left join usual using (usual_end, organization_id, channel)
