-- grain: e-mail job; its recipients since {from} who failed, whatever the error's text
select job.organization_id, job.id as email_job_id, 'email' as channel, count(*) as failed
from {schema}.messaging_emailrecipient as r
join {schema}.messaging_emailjob as job on job.id = r.job_id
where r.created_at >= {from} and lower(btrim(r.status, {blanks})) = 'failed'
group by 1, 2
