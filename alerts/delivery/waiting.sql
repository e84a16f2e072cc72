-- grain: a notice that nobody has decided on, in the order in which they were written
select id, event_id, alert_id, organization_id, kind, severity, at
from alert.notice
where planned_at is null
order by id
limit %(most)s
for update
