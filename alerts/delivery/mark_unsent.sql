-- grain: a message that this claim still holds
update alert.message
set
    status = case when %(due_at)s::timestamptz is null then 'failed' else 'trying' end,
    failed_at = case when %(due_at)s::timestamptz is null then %(now)s::timestamptz end,
    due_at = coalesce(%(due_at)s::timestamptz, due_at),
    last_error = %(error)s,
    lease = null,
    lease_until = null
where id = %(id)s and lease = %(lease)s and status = 'trying'
