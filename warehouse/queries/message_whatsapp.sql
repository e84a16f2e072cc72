-- grain: one message of the channel's own table that was sent
select 'whatsapp' as source, id, 'whatsapp' as channel, state, created_at, day, template
from {raw.whatsapp_message}
where direction = 'outbound'
