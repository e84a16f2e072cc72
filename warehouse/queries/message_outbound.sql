-- grain: one message of the platform's own sender, of any channel
select
    'outbound' as source, id, channel, state, created_at, day, template, sent_at, delivered_at, failed_at, retry_count
from {raw.outbound_message}
