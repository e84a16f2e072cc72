-- grain: one message of the channel's own table that was sent; it keeps no error text
select 'telegram' as source, id, 'telegram' as channel, state, created_at, day
from {raw.telegram_message}
where direction = 'outbound'
