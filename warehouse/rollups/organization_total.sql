-- grain: organization; what it has now, and its sums over all days
with part as (
    select
        organization_id, count(*) as contacts, count(*) filter (status = 'unsubscribed') as contacts_unsubscribed
    from lake.raw.contact
    group by all
    union all by name
    select
        organization_id, count(*) as campaigns,
        count(*) filter (status not in ('completed', 'failed')) as campaigns_active
    from lake.raw.campaign
    group by all
    union all by name
    select organization_id, count(*) as email_jobs from lake.raw.email_job group by all
    union all by name
    select * exclude (bucket_at, day) from lake.rollup.organization_day
    union all by name
    from lake.rollup.organization_lifetime
)
select
    organization_id, coalesce(sum(contacts), 0)::bigint as contacts,
    coalesce(sum(contacts_unsubscribed), 0)::bigint as contacts_unsubscribed,
    coalesce(sum(campaigns), 0)::bigint as campaigns, coalesce(sum(campaigns_active), 0)::bigint as campaigns_active,
    coalesce(sum(email_jobs), 0)::bigint as email_jobs,
    {sums}
from part
group by organization_id
order by organization_id
