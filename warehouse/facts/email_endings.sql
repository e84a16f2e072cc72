-- grain: organization with e-mails in the window; usual_… are the 7 days before it
with recent as (
    select
        organization_id, sum(email_sent + email_delivered + email_read + email_failed)::bigint as attempted,
        sum(email_bounced)::bigint as bounced, sum(email_spam)::bigint as spam
    from {lake}rollup.organization_5m
    where day between $start_day and $end_day and bucket_at >= $start and bucket_at < $end
    group by all
    having attempted > 0
),
usual as (
    select
        organization_id, sum(email_sent + email_delivered + email_read + email_failed)::bigint as attempted,
        sum(email_bounced)::bigint as bounced
    from {lake}rollup.organization_hour
    where day between $usual_start_day and $usual_end_day and bucket_at >= $usual_start and bucket_at < $usual_end
    group by all
)
select
    recent.organization_id, recent.attempted, recent.bounced, recent.spam, coalesce(usual.attempted, 0),
    coalesce(usual.bounced, 0)
from recent
left join usual using (organization_id)
