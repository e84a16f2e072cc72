-- grain: a message that ended long ago
delete from alert.message where status in ('sent', 'failed') and created_at < %(before)s
