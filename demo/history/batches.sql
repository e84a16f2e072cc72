-- One row a campaign or e-mail job: who sends it, when, and to how many; sizes add up to the streams' totals.
create unlogged table simulator.batch as
with numbered as (
    select stream.*, k, stream.number * 1000000 + k as n, pieces
    from simulator.stream
    cross join lateral (
        select greatest(least(36, ceil(rows / 12.0)), ceil(rows / 1500.0))::int as pieces
    ) as cut
    cross join lateral generate_series(1, pieces) as k
    where kind in ('campaign', 'job') and rows > 0
),
placed as (
    select numbered.*, organization.id as organization_id, organization.contacts, organization.first_contact_id,
        organization.contacts * (0.3 + 0.6 * simulator.unit(n, 401)) as weight,
        least(slot.started_at + simulator.unit(n, 402) * %(slot_seconds)s * interval '1 second', %(now)s::timestamptz - interval '15 minutes')
            as started_at
    from numbered
    join simulator.reach using (channel)
    join simulator.organization
        on organization.id = reach.configured_ids[1 + floor(cardinality(reach.configured_ids) * simulator.unit(n, 403))::int]
    join simulator.slot
        on slot.rhythm = 'campaign'
        and (k - simulator.unit(n, 404)) / pieces >= slot.lower_share
        and (k - simulator.unit(n, 404)) / pieces < slot.upper_share
),
sized as (
    select *, case when k = pieces then rows else floor(rows * sum(weight) over upto / sum(weight) over whole)::bigint end
        as upper_row
    from placed
    window upto as (partition by number order by k),
        whole as (partition by number order by k rows between unbounded preceding and unbounded following)
),
counted as (
    select n, kind, source, channel, organization_id, contacts, first_contact_id, started_at,
        upper_row - coalesce(lag(upper_row) over (partition by number order by k), 0) as rows
    from sized
)
select *,
    case when kind = 'campaign' then
        row_number() over (partition by kind order by started_at, n) end as campaign_id,
    case when channel = 'email' then
        row_number() over (partition by channel order by started_at, n) end as job_id,
    case when kind = 'campaign' then
        1 + coalesce(sum(rows) over (partition by kind order by started_at, n rows between unbounded preceding and 1 preceding), 0)
    end::bigint as first_recipient_id,
    floor(contacts * simulator.unit(n, 405))::bigint as contact_offset
from counted
where rows > 0;
