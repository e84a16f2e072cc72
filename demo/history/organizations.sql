-- One row an organization: its share of the traffic (a power law), and its block of contacts.
create unlogged table simulator.organization as
with sized as (
    select id, name, power(id, -1.0) / sum(power(id, -1.0)) over () as share
    from simulator.organization_name
),
counted as (
    select *, greatest(50, floor(%(contacts)s * share))::bigint as contacts
    from sized
)
select *, 1 + coalesce(sum(contacts) over (order by id rows between unbounded preceding and 1 preceding), 0)::bigint
    as first_contact_id
from counted;
