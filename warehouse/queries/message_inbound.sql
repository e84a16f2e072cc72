-- grain: one message from a contact (Instagram's only stand in their channel's table)
select 'inbound' as source, id, channel, 'received' as state, received_at as created_at, day
from {raw.inbound_message}
union all by name
select 'instagram' as source, id, 'instagram' as channel, 'received' as state, created_at, day
from {raw.instagram_message}
where direction = 'inbound'
