-- grain: the message of a target and organization that notices may still join, made where there is none
insert into alert.message (key, target, organization_id, status, due_at, queued_at, created_at)
values (%(key)s, %(target)s, %(organization_id)s, 'gathering', %(due_at)s, %(now)s, %(now)s)
on conflict (target, organization_id) where status = 'gathering' do update
set due_at = message.due_at
returning id
