-- grain: campaign x contact; the last e-mail to it of those of the campaign's jobs that are wanted
select j.campaign_id, m.contact_id, arg_max({'state': m.state, 'template': m.template}, m.id) as last
from (from {raw.email_recipient} union all by name from {raw.earlier_email_recipient}) m
join {raw.email_job} j on j.id = m.email_job_id
where {wanted}
group by all
