-- One row a contact that asked not to be written to: the first time, by the link of an e-mail or by a STOP.
create unlogged table simulator.unsubscribe as
select distinct on (contact_id) contact_id, organization_id, happened_at, is_by_link
from (
    select contact_id, organization_id, simulator.later(read_at, 15 + 200 * simulator.unit(n, 62)) as happened_at, true as is_by_link
    from simulator.message
    where channel = 'email' and read_at is not null and simulator.unit(n, 61) < 0.012
    union all
    select contact_id, organization_id, received_at, false
    from simulator.inbound
    where is_stop
) as asked
where happened_at <= %(now)s
order by contact_id, happened_at, is_by_link;
