-- grain: window x organization with e-mails in it; usual_… are the {usual_days} days before it
with {spans},
recent as (
    select
        number, usual_end, organization_id,
        sum(email_sent + email_delivered + email_read + email_failed)::bigint as attempted,
        sum(email_bounced)::bigint as bounced, sum(email_spam)::bigint as spam
    from {lake}rollup.organization_5m
    join span_bucket using (bucket_at)
    where day between $first_day and $last_day and bucket_at >= $since and bucket_at < $until
    group by all
    having attempted > 0
),
usual as (
    select
        usual_end, organization_id,
        sum(email_sent + email_delivered + email_read + email_failed)::bigint as attempted,
        sum(email_bounced)::bigint as bounced
    from {lake}rollup.organization_hour
    join usual_hour using (bucket_at)
    where day between $first_day - {usual_days} - 1 and $last_day
    group by all
)
select
    recent.number, recent.organization_id, recent.attempted, recent.bounced, recent.spam,
    coalesce(usual.attempted, 0), coalesce(usual.bounced, 0)
from recent
left join usual using (usual_end, organization_id)
