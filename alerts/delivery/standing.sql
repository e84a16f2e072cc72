-- grain: a target that messages were written for; last_error is that of the newest message with trouble
select
    target,
    count(*) filter (where status in ('gathering', 'trying')) as pending,
    count(*) filter (where status = 'sent') as sent,
    count(*) filter (where status = 'failed') as failed,
    (array_agg(last_error order by id desc) filter (where last_error is not null))[1] as last_error,
    min(due_at) filter (where status in ('gathering', 'trying')) as next_attempt_at,
    max(sent_at) as last_sent_at
from alert.message
group by target
order by target
