-- grain: organization; what it has now, and its sums over all time
with contact as (
    select organization_id, count(*) as contacts,
        count(*) filter (where lower(btrim(status, {blanks})) = 'unsubscribed') as contacts_unsubscribed
    from {schema}.contacts_contact group by 1
),
campaign as (
    select organization_id, count(*) as campaigns,
        count(*) filter (where lower(btrim(status, {blanks})) not in ('completed', 'failed')) as campaigns_active
    from {schema}.messaging_campaign group by 1
),
job as (select organization_id, count(*) as email_jobs from {schema}.messaging_emailjob group by 1)
select organization_id, coalesce(contacts, 0) as contacts, coalesce(contacts_unsubscribed, 0) as contacts_unsubscribed,
    coalesce(campaigns, 0) as campaigns, coalesce(campaigns_active, 0) as campaigns_active,
    coalesce(email_jobs, 0) as email_jobs
from contact full join campaign using (organization_id) full join job using (organization_id)
