-- One row an Instagram message of the inbox, in and out; inbound ones are written nowhere else.
insert into messaging_instagrammessage (
    id, direction, message_type, text, attachments, provider_message_id, status, error_reason, created_at, contact_id, organization_id
)
select id, 'OUTBOUND', 'text', 'Thank you for your message!', '[]'::jsonb,
    case when sent_at is null then '' else simulator.provider_message_id(channel, n) end,
    case when status in ('failed', 'refused') then 'FAILED' else 'SENT' end,
    coalesce(error, ''), created_at, contact_id, organization_id
from simulator.message
where source = 'instagram'
union all
select id, 'INBOUND', 'text', 'Is this still available?', '[]'::jsonb, 'mid.' || md5(n || ':in'), 'RECEIVED', '',
    received_at, contact_id, organization_id
from simulator.inbound
where channel = 'instagram'
order by id;
