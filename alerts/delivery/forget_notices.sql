-- grain: a notice that was decided on long ago and stands in no message any more
delete from alert.notice as notice
where notice.planned_at < %(before)s
    and not exists (select from alert.delivery as delivery where delivery.notice_id = notice.id)
