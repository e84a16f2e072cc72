-- grain: a target of an organization
select id, organization_id, channel, address, secret, minimum_severity, is_active
from alert.target
order by organization_id, id
