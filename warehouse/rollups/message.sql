-- grain: one outbound message. The five sources do not overlap; outbound totals are their sum.
select organization_id, channel, created_at, state, template
from {raw}outbound_message
where {within:created_at}
union all
select organization_id, 'whatsapp', created_at, state, template
from {raw}whatsapp_message
where direction = 'outbound' and {within:created_at}
union all
select organization_id, 'telegram', created_at, state, null
from {raw}telegram_message
where direction = 'outbound' and {within:created_at}
union all
select organization_id, 'instagram', created_at, state, template
from {raw}instagram_message
where direction = 'outbound' and {within:created_at}
union all
select organization_id, 'email', created_at, state, template
from ({email_sent})
