-- One row a rhythm and slot (a quarter of an hour, or an hour in long histories): which part of the rhythm's traffic falls into it, as a share from lower to upper.
-- Peaks before noon and at six (UTC+1), quieter weekends, a little growth; of what is older than 30 days, four per cent.
create unlogged table simulator.slot as
with counted as (
    select number, %(start)s::timestamptz + number * %(slot_seconds)s * interval '1 second' as started_at
    from generate_series(0, %(slots)s - 1) as number
),
local as (
    select *,
        extract(epoch from started_at)::double precision / 3600 + 1 as hours,
        started_at < %(now)s::timestamptz - interval '30 days' as is_old
    from counted
),
clock as (
    select *, floor(hours / 24)::bigint as day, hours - 24 * floor(hours / 24) as hour
    from local
),
weighted as (
    select rhythm.name as rhythm, number, started_at, is_old,
        (rhythm.night + exp(-power((hour - 11) / 2.6, 2)) + rhythm.evening * exp(-power((hour - 18.5) / 2.2, 2)))
        -- The epoch began on a Thursday.
        * (array[1, 1, 1, 1, 1, rhythm.saturday, rhythm.sunday])[1 + mod(day + 3, 7)]
        * (0.85 + 0.3 * simulator.unit(day, 301))
        * (1 + 0.2 * number / %(slots)s::double precision) as weight
    from clock
    cross join (values
        ('whatsapp', 0.05::double precision, 0.9::double precision, 0.8::double precision, 0.5::double precision),
        ('email', 0.08, 0.3, 0.4, 0.25), ('telegram', 0.12, 1.1, 1.0, 0.9), ('instagram', 0.15, 1.6, 1.3, 1.2),
        ('campaign', 0.005, 0.4, 0.3, 0.02), ('booking', 0.03, 0.7, 0.9, 0.3), ('llm', 0.08, 0.9, 0.7, 0.5)
    ) as rhythm (name, night, evening, saturday, sunday)
),
normed as (
    select *, weight / sum(weight) over (partition by rhythm, is_old order by number
            rows between unbounded preceding and unbounded following)
        * case when %(days)s <= 30 then 1 when is_old then 0.04 else 0.96 end as share
    from weighted
),
added as (
    select rhythm, number, started_at,
        case when number = %(slots)s - 1 then 1
            else sum(share) over (partition by rhythm order by number) end as upper_share
    from normed
)
select *, coalesce(lag(upper_share) over (partition by rhythm order by number), 0) as lower_share
from added;
