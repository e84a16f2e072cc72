-- One row a row to come of any planned source: its number n (unique over all sources, the seed of all that is drawn for it),
-- and its id, which grows with time as an inserted row's does.
create unlogged table simulator.key as
select plan_number, source, kind, channel, k, n, created_at,
    row_number() over (partition by source order by created_at, n) as id
from (
    select plan.number as plan_number, source, kind, channel, k, n,
        least(simulator.later(started_at, seconds * (k + simulator.unit(n, 1)) / rows), %(now)s) as created_at
    from simulator.plan
    cross join lateral generate_series(0, rows - 1) as k
    cross join lateral (select source_number * 1000000000000 + first_number + k as n) as numbered
) as planned;
