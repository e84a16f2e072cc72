-- One row an organization and provider that somebody set up, if only half.
insert into integrations_integration (id, provider, token_encrypted, extra, is_active, created_at, updated_at, organization_id)
select row_number() over (order by organization_id, provider), provider,
    case when state = 'without token' then '' else 'enc:' || md5(organization_id || provider || ':token') end,
    '{}'::jsonb, state <> 'inactive', %(start)s::timestamptz - interval '190 days', %(start)s::timestamptz - interval '100 days',
    organization_id
from simulator.integration
where state <> 'missing';
