-- One row an organization and provider; some are missing, inactive or without a token, as not configured ones are.
create unlogged table simulator.integration as
select
    organization.id as organization_id,
    provider.channel,
    provider.name as provider,
    case
        when organization.id <= 2 then 'configured'
        when mod(organization.id * 5 + provider.number, 17) = 0 then 'missing'
        when mod(organization.id * 5 + provider.number, 17) = 5 then 'inactive'
        when mod(organization.id * 5 + provider.number, 17) = 11 then 'without token'
        else 'configured'
    end as state
from simulator.organization
cross join (values (1, 'whatsapp', 'whatsapp'), (2, 'email', 'sendgrid'), (3, 'telegram', 'telegram'),
    (4, 'instagram', 'instagram'), (5, 'calendar', 'google_calendar')) as provider (number, channel, name);
