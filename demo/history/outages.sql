-- One row an outage of a provider: one to three hours in which most sends of a channel fail, or its callbacks stop or come late.
create unlogged table simulator.outage as
select
    number,
    (array['whatsapp', 'email', 'telegram', 'instagram'])[1 + mod(number, 4)] as channel,
    case when simulator.unit(number, 311) < 0.45 then 'sends fail' when simulator.unit(number, 311) < 0.75 then 'callbacks stop'
        else 'callbacks late' end as kind,
    started_at,
    started_at + (1 + 2 * simulator.unit(number, 312)) * interval '1 hour' as ended_at
from (
    select number, date_trunc('day', %(now)s::timestamptz - (number * 3.3 + 0.6 + simulator.unit(number, 313)) * interval '1 day', 'UTC')
        + (9 + 9 * simulator.unit(number, 314)) * interval '1 hour' as started_at
    from generate_series(0, ceil(least(%(days)s, 60) / 3.3)::int) as number
) as placed
where started_at >= %(start)s::timestamptz and started_at < %(now)s::timestamptz - interval '4 hours';
