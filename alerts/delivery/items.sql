-- grain: a notice of a message, in the order in which they happened
select notice.kind, notice.at, notice.content
from alert.delivery as delivery
join alert.notice as notice on notice.id = delivery.notice_id
where delivery.message_id = %(message_id)s
order by notice.id
