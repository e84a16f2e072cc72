-- grain: campaign x contact with a campaign recipient in question; the last e-mail to it of the campaign's jobs
select j.campaign_id, e.contact_id, arg_max({'state': e.state, 'template': e.template}, e.id) as last
from ({emails}) e
join lake.raw.email_job j on j.id = e.email_job_id
where j.campaign_id in (select r.campaign_id from {raw}campaign_recipient r where {within:r.created_at})
group by all
