-- grain: a notice for a target, in the message it joins
insert into alert.delivery (notice_id, target, message_id)
select * from unnest(%(notices)s::bigint[], %(targets)s::text[], %(messages)s::bigint[])
