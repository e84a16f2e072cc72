-- grain: one e-mail job of a campaign, oldest first
select id, subject as name, status, created_at
from {raw.email_job}
where campaign_id = $campaign_id
order by created_at, id
limit 200
