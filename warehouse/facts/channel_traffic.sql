-- grain: organization x channel with sends or callbacks in the window; usual_… are the 7 days before it
with recent as (
    select
        organization_id, channel, sum(sent + delivered + read + failed)::bigint as attempted,
        sum(failed)::bigint as failed, sum(sent + delivered + read)::bigint as sent,
        sum(callbacks)::bigint as callbacks, sum(callback_errors)::bigint as callback_errors
    from {lake}rollup.channel_5m
    where day between $start_day and $end_day and bucket_at >= $start and bucket_at < $end
    group by all
    having attempted > 0 or callbacks > 0
),
usual as (
    select
        organization_id, channel, sum(sent + delivered + read + failed)::bigint as attempted,
        sum(failed)::bigint as failed, sum(sent + delivered + read)::bigint as sent,
        sum(callbacks)::bigint as callbacks
    from {lake}rollup.channel_hour
    where day between $usual_start_day and $usual_end_day and bucket_at >= $usual_start and bucket_at < $usual_end
    group by all
)
select
    recent.organization_id, recent.channel, recent.attempted, recent.failed, recent.sent, recent.callbacks,
    recent.callback_errors, coalesce(usual.attempted, 0), coalesce(usual.failed, 0), coalesce(usual.sent, 0),
    coalesce(usual.callbacks, 0)
from recent
left join usual using (organization_id, channel)
