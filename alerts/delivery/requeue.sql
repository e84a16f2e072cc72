-- grain: a message that failed
update alert.message
set status = 'trying', failed_at = null, attempts = 0, due_at = %(now)s, queued_at = %(now)s
where status = 'failed'
