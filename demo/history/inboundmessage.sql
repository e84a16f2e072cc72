-- One row an inbound WhatsApp or Telegram message, beside the one in its channel's table.
insert into messaging_inboundmessage (id, channel, payload, media_url, received_at, created_at, contact_id, organization_id)
select inbound_id, channel,
    case channel
        when 'whatsapp' then jsonb_build_object('MessageSid', 'SM' || md5(n || ':in'),
            'From', 'whatsapp:' || simulator.phone(contact_id),
            'Body', case when is_stop then 'STOP' else 'Do you have a table for four?' end)
        else jsonb_build_object('message', jsonb_build_object('chat', jsonb_build_object('id', 700000000 + contact_id),
            'text', 'Thanks, see you then.'))
    end,
    null, received_at, simulator.later(received_at, 0.01 + 0.05 * simulator.unit(n, 55)),
    case when is_stop or simulator.unit(n, 56) > 0.03 then contact_id end, organization_id
from simulator.inbound
where channel <> 'instagram'
order by inbound_id;
