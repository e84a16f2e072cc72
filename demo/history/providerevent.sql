-- One row a callback. The latency is known where the platform keeps a sent_at, and now and then not even there.
insert into messaging_providerevent (
    id, provider_message_id, channel, status, payload, latency_ms, received_at, organization_id, outbound_id
)
select event.id, provider_id, event.channel,
    case when status = 'bounce' and source = 'outbound' then 'bounced' else status end,
    case event.channel
        when 'whatsapp' then
            case when length(word.code) = 6 then jsonb_build_object('id', provider_id, 'status', status, 'errors',
                    jsonb_build_array(jsonb_build_object('code', word.code::int, 'title', error)))
                when step = 7 then jsonb_build_object('MessageSid', provider_id, 'MessageStatus', status, 'ErrorCode', word.code,
                    'ErrorMessage', error, 'To', 'whatsapp:' || simulator.phone(contact_id))
                else jsonb_build_object('MessageSid', provider_id, 'MessageStatus', status) end
        when 'email' then
            case when step = 7 then jsonb_strip_nulls(jsonb_build_object('event', status, 'sg_message_id', provider_id,
                    'email', simulator.email(contact_id), 'reason', case when error <> status then error end,
                    'status', nullif(word.code, ''), 'bounce_classification', nullif(word.classification, ''),
                    'type', case when status = 'bounce' then
                        case when word.classification in ('Content', 'Reputation', 'Technical Failure',
                            'Frequency or Volume Too High') then 'blocked' else 'bounce' end end))
                when status = 'open' then jsonb_build_object('event', status, 'sg_message_id', provider_id,
                    'sg_machine_open', simulator.unit(n, 101) < 0.3)
                else jsonb_build_object('event', status, 'sg_message_id', provider_id) end
        else case when step = 7 then jsonb_build_object('message_id', provider_id, 'status', status, 'error', error)
            else jsonb_build_object('message_id', provider_id, 'status', status) end
    end,
    case when source not in ('outbound', 'email') or simulator.unit(n, 110 + step) < 0.015 then 0
        else least(round(extract(epoch from received_at - sent_at) * 1000), 2147483647)::int end,
    received_at, organization_id, case when source = 'outbound' then message_id end
from simulator.event
left join simulator.words as word on word.id = event.text_id and step = 7
cross join lateral (select simulator.provider_message_id(event.channel, n) as provider_id offset 0) as called;
