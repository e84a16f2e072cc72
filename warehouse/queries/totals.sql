-- grain: organization; what it has now, and all it ever did
select contacts, contacts_unsubscribed, campaigns, campaigns_active, email_jobs, {measures}
from {rollup.organization_total}
group by all
