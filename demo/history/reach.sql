-- One row a channel: the organizations that use it, as lower bounds of their shares; unconfigured ones hardly try.
create unlogged table simulator.reach as
with weighted as (
    select
        channel,
        organization_id,
        state = 'configured' as is_configured,
        share * case when state = 'configured' then 0.8 + 0.4 * simulator.unit(organization_id, ascii(channel)) else 0.02 end
            as weight
    from simulator.integration
    join simulator.organization on organization.id = organization_id
),
bounded as (
    select *, (sum(weight) over (partition by channel order by organization_id) - weight)
        / sum(weight) over (partition by channel order by organization_id
            rows between unbounded preceding and unbounded following) as lower_bound
    from weighted
)
select
    channel,
    array_agg(lower_bound::double precision order by organization_id) as bounds,
    array_agg(organization_id order by organization_id) as organization_ids,
    array_agg(is_configured order by organization_id) as is_configured,
    array_agg(organization_id order by organization_id) filter (where is_configured) as configured_ids
from bounded
group by channel;
