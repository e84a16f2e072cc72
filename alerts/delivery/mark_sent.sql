-- grain: a message
update alert.message
set status = 'sent', sent_at = %(now)s, failed_at = null, last_error = null, lease = null, lease_until = null
where id = %(id)s and status <> 'sent'
