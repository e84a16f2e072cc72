-- grain: one e-mail job; its recipients counted, whenever they were written
with part as (
    select * from {rollup.email_job_day} where {its_rows}
    union all by name
    select * from {rollup.email_job_lifetime} where {its_rows}
),
counted as (
    select email_job_id, {measures}, min(day) as first_day, max(day) as last_day
    from part
    group by email_job_id
)
select
    j.id, j.subject as name, 'email' as channel, j.status, j.created_at, j.campaign_id, j.started_at, j.completed_at,
    n.first_day, n.last_day, {coalesced}
from {raw.email_job} j
left join counted n on n.email_job_id = j.id
