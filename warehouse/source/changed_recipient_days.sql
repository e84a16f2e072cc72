-- grain: UTC day that has left the raw rows, of an e-mail recipient whose job or campaign recipient was written to, or of
-- a campaign recipient whose e-mail or its job was
select distinct (e.created_at at time zone 'UTC')::date::text as day
from "{schema}".messaging_emailrecipient e
join "{schema}".messaging_emailjob j on j.id = e.job_id
left join "{schema}".messaging_campaignrecipient r on r.campaign_id = j.campaign_id and r.contact_id = e.contact_id
where e.created_at >= {from} and e.created_at < {emails_before} and ({changed:j} or {changed:r})
union
select distinct (r.created_at at time zone 'UTC')::date::text
from "{schema}".messaging_campaignrecipient r
join "{schema}".messaging_emailjob j on j.campaign_id = r.campaign_id
join "{schema}".messaging_emailrecipient e on e.job_id = j.id and e.contact_id = r.contact_id
where r.created_at >= {from} and r.created_at < {recipients_before} and ({changed:j} or {changed:e})
