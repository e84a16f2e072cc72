-- One row a batch: what became of its messages, counted once for the counters that the platform keeps by increments.
create unlogged table simulator.batch_count as
select campaign_id, job_id, min(created_at) as started_at, max(coalesce(sent_at, failed_at, created_at)) as ended_at,
    count(*) as target,
    count(sent_at) as sent,
    count(*) filter (where status in ('delivered', 'read')) as delivered,
    count(*) filter (where status = 'read') as read,
    count(*) filter (where status in ('failed', 'refused')) as failed,
    count(*) filter (where status = 'skipped') as skipped,
    count(*) filter (where status in ('pending', 'retrying')) as waiting
from simulator.message
where campaign_id is not null or job_id is not null
group by campaign_id, job_id;
