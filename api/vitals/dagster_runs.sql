-- grain: a job of Dagster's that has ended runs: how many failed in the last 24 hours, and whether the last one did
select
    pipeline_name,
    count(*) filter (where status = 'FAILURE' and update_timestamp > now() at time zone 'utc' - interval '24 hours'),
    ((array_agg(status order by id desc))[1] = 'FAILURE')::int
from runs
where status in ('SUCCESS', 'FAILURE')
group by pipeline_name
order by pipeline_name
