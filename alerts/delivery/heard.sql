-- grain: alert and target: what the target heard last of it
select distinct on (notice.alert_id, delivery.target) notice.alert_id, delivery.target, notice.kind, notice.severity
from alert.notice as notice
join alert.delivery as delivery on delivery.notice_id = notice.id
where notice.alert_id = any(%(alerts)s)
order by notice.alert_id, delivery.target, notice.id desc
