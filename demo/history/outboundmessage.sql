-- One row a message that the platform's own sender took on.
insert into messaging_outboundmessage (
    id, channel, body, variables, media_url, scheduled_for, status, error, retry_count, trace_id, created_at, updated_at,
    contact_id, template_id, organization_id, provider_message_id, provider_status, delivered_at, failed_at, sent_at
)
select
    id, channel,
    case when campaign_id is null then 'Your appointment is confirmed. Reply to this message to change it.'
        else 'News from us, and an offer for this week.' end,
    case when mod(n, 4) = 0 then '{"first_name": "friend"}'::jsonb else '{}'::jsonb end,
    null,
    case when status = 'pending' and simulator.unit(n, 19) < 0.003 then %(now)s::timestamptz + simulator.unit(n, 20) * interval '3 days' end,
    case status when 'refused' then 'failed' else status end,
    coalesce(error, ''), retry_count, substr(md5(n || ':trace'), 1, 32), created_at,
    greatest(created_at, sent_at, delivered_at, read_at, failed_at),
    contact_id, case when mod(n, 3) = 0 then 1 + mod(n, 40) end, organization_id,
    case when sent_at is null then '' else simulator.provider_message_id(channel, n) end,
    case status when 'pending' then '' when 'retrying' then '' when 'refused' then '' else status end,
    delivered_at, failed_at, sent_at
from simulator.message
where source = 'outbound';
