-- grain: organization; what it has now
select contacts, contacts_unsubscribed, campaigns, campaigns_active, email_jobs
from lake.rollup.organization_total
where organization_id = $organization_id
