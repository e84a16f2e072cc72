-- grain: a target of an organization, made or switched on again
insert into alert.target (organization_id, channel, address, secret, minimum_severity, is_active, created_at)
values (%(organization_id)s, %(channel)s, %(address)s, %(secret)s, %(minimum_severity)s, true, %(now)s)
on conflict (organization_id, channel, address) do update
set secret = excluded.secret, minimum_severity = excluded.minimum_severity, is_active = true
returning id, organization_id, channel, address, secret, minimum_severity, is_active
