-- grain: a message that is due to a target that is no longer there
update alert.message
set status = 'failed', failed_at = %(now)s, last_error = %(error)s, lease = null, lease_until = null
where status in ('gathering', 'trying')
    and due_at <= %(now)s
    and (lease_until is null or lease_until <= %(now)s)
    and target <> all (%(known)s::text[])
returning target
