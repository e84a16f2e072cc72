-- grain: one message of the channel's own table that was sent
select 'instagram' as source, id, 'instagram' as channel, state, created_at, day, template
from {raw.instagram_message}
where direction = 'outbound'
