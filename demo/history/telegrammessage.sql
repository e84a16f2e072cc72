-- One row a Telegram message of the inbox, in and out.
insert into messaging_telegrammessage (
    id, chat_id, direction, message_type, text, attachments, telegram_message_id, status, created_at, contact_id, organization_id
)
select id, (700000000 + contact_id)::text, 'OUTBOUND', 'text', 'Your order is on its way.', '[]'::jsonb,
    case when sent_at is null then '' else simulator.provider_message_id(channel, n) end,
    case when status = 'pending' then '' when status = 'refused' then 'failed'
        when status = 'sent' and mod(n, 50) = 0 then '' else status end,
    created_at, contact_id, organization_id
from simulator.message
where source = 'telegram'
union all
select id, (700000000 + contact_id)::text, 'INBOUND', 'text', 'Thanks, see you then.', '[]'::jsonb,
    (100000 + mod(n, 1000000000000))::text, case when mod(n, 3) = 0 then 'received' else '' end, received_at, contact_id, organization_id
from simulator.inbound
where channel = 'telegram'
order by id;
