-- grain: a message: of each of these targets the one that has been due for longest and has none before it; of those, the
-- one that has been due for longest
with due as (
    select oldest.id
    from unnest(%(targets)s::text[]) as asked (target)
    cross join lateral (
        select message.id, message.due_at
        from alert.message as message
        where message.target = asked.target
            and message.status in ('gathering', 'trying')
            and message.due_at <= %(now)s
            and (message.lease_until is null or message.lease_until <= %(now)s)
            and not exists (
                select from alert.message as earlier
                where earlier.target = message.target
                    and earlier.organization_id = message.organization_id
                    and earlier.id < message.id
                    and earlier.status in ('gathering', 'trying')
            )
        order by message.due_at, message.id
        limit 1
        for update skip locked
    ) as oldest
    order by oldest.due_at, oldest.id
    limit 1
)
update alert.message as message
set status = 'trying', attempts = attempts + 1, lease = %(lease)s, lease_until = %(until)s
from due
where message.id = due.id
returning
    message.id, message.key, message.target, message.organization_id, message.attempts, message.lease,
    message.queued_at, message.created_at
