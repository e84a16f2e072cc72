-- grain: a message that the target got before about one of the same alerts, oldest first
with alerts as (
    select notice.alert_id
    from alert.delivery as delivery
    join alert.notice as notice on notice.id = delivery.notice_id
    where delivery.message_id = %(message_id)s
), before as (
    select distinct message.id, message.key
    from alerts
    join alert.notice as notice on notice.alert_id = alerts.alert_id
    join alert.delivery as delivery on delivery.notice_id = notice.id and delivery.target = %(target)s
    join alert.message as message on message.id = delivery.message_id
    where message.status = 'sent' and message.id < %(message_id)s
    order by message.id desc
    limit 20
)
select key from before order by id
