-- One row an inbound message; inbound_id is its second row's, in inboundmessage, which Instagram does not have.
create unlogged table simulator.inbound as
select received.channel, received.id, n, organization.id as organization_id, received_at, contact_id,
    case when received.channel <> 'instagram' then
        row_number() over (partition by received.channel = 'instagram' order by received_at, n) end as inbound_id,
    received.channel = 'whatsapp' and simulator.unit(n, 54) < 0.004 as is_stop
from (
    select key.channel, id, n, created_at as received_at,
        reach.organization_ids[width_bucket(simulator.unit(n, 51), reach.bounds)] as organization_id
    from simulator.key
    join simulator.reach using (channel)
    where kind = 'inbound'
    offset 0
) as received
join simulator.organization on organization.id = received.organization_id
cross join lateral (
    select first_contact_id + floor(contacts * 0.85 * power(simulator.unit(n, 53), 1.8))::bigint as contact_id
) as sender;
