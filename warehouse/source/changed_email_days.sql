-- grain: UTC day of e-mail recipients older than the raw window whose job or campaign recipient was written to
select distinct (r.created_at at time zone 'UTC')::date::text as day
from "{schema}".messaging_emailrecipient r
join "{schema}".messaging_emailjob j on j.id = r.job_id
left join "{schema}".messaging_campaignrecipient c on c.campaign_id = j.campaign_id and c.contact_id = r.contact_id
where r.created_at >= {from} and r.created_at < {before} and ({job_changed} or {recipient_changed})
