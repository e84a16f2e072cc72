-- grain: kind x 5 minutes in [$start, $end): campaigns (and those that are active now) and e-mail jobs by
-- the time they were made, contacts by the time
-- they unsubscribed, and once more those whom a campaign had reached
select kind, epoch_us(made_at) // 300000000 * 300000000 as bucket_us, count(*) as n
from (
    select 'campaigns' as kind, created_at as made_at from {raw.campaign}
    union all
    select 'campaigns_active', created_at from {raw.campaign} where status not in ('completed', 'failed')
    union all
    select 'email_jobs', created_at from {raw.email_job}
    union all
    select 'unsubscribed', unsubscribed_at from {rollup.unsubscribe}
    union all
    select 'unsubscribed_by_campaign', unsubscribed_at from {rollup.unsubscribe} where campaign_id is not null
)
where made_at >= $start and made_at < $end
group by all
