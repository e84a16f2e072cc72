-- grain: a message that ended long ago, all of whose alerts are over
delete from alert.message as message
where message.status in ('sent', 'failed') and message.created_at < %(before)s
    and not exists (
        select
        from alert.delivery as delivery
        join alert.notice as notice on notice.id = delivery.notice_id
        join alert.alert as alert on alert.id = notice.alert_id
        where delivery.message_id = message.id and alert.status <> 'resolved'
    )
