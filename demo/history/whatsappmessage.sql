-- One row a WhatsApp message of the inbox, in and out.
insert into messaging_whatsappmessage (
    id, direction, message_type, text, attachments, twilio_message_sid, status, error_reason, created_at, contact_id, organization_id
)
select id, 'OUTBOUND', case when mod(n, 12) = 0 then 'image' else 'text' end, 'We are open until seven today.', '[]'::jsonb,
    case when sent_at is null then '' else simulator.provider_message_id(channel, n) end,
    case status when 'pending' then 'PENDING' when 'sent' then 'SENT' when 'refused' then 'FAILED' when 'failed' then 'FAILED'
        else 'DELIVERED' end,
    coalesce(error, ''), created_at, contact_id, organization_id
from simulator.message
where source = 'whatsapp'
union all
select id, 'INBOUND', 'text', case when is_stop then 'STOP' else 'Do you have a table for four?' end, '[]'::jsonb,
    'SM' || md5(n || ':in'), 'RECEIVED', '', received_at, contact_id, organization_id
from simulator.inbound
where channel = 'whatsapp'
order by id;
