-- grain: window x organization x channel that was written for in it and has no integration that could send
with {spans},
used as (
    select number, organization_id, channel, sum(queued + sent + delivered + read + failed + retrying)::bigint as messages
    from {lake}rollup.channel_5m
    join span_bucket using (bucket_at)
    where day between $first_day and $last_day and bucket_at >= $since and bucket_at < $until
    group by all
    having messages > 0
),
set_up as (
    select
        organization_id, case provider when 'sendgrid' then 'email' else provider end as channel,
        bool_or(is_active) as is_active, bool_or(is_active and has_token) as can_send
    from {lake}raw.integration
    group by all
)
select
    number, organization_id, channel, messages,
    case when set_up.is_active is null then 'no integration' when not is_active then 'the integration is not active'
        else 'its token is empty' end as lack
from used
left join set_up using (organization_id, channel)
where coalesce(can_send, false) is false
