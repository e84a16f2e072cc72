-- grain: one outbound message, from the operational tables. PostgreSQL; independent of the extraction's own SQL.
select organization_id, {channel:channel} as channel, created_at,
    case lower(btrim(status, {blanks}))
        when 'sent' then 'sent' when 'delivered' then 'delivered' when 'read' then 'read'
        when 'failed' then 'failed' when 'retrying' then 'retrying' else 'queued' end as state
from {schema}.messaging_outboundmessage
union all
select organization_id, 'whatsapp', created_at,
    case upper(btrim(status, {blanks}))
        when 'SENT' then 'sent' when 'DELIVERED' then 'delivered' when 'READ' then 'read' when 'FAILED' then 'failed'
        else 'queued' end
from {schema}.messaging_whatsappmessage where upper(btrim(direction, {blanks})) = 'OUTBOUND'
union all
select organization_id, 'telegram', created_at,
    case when lower(btrim(status, {blanks})) in ('sent', 'delivered', 'read', 'failed') then lower(btrim(status, {blanks}))
        when btrim(telegram_message_id, {blanks}) <> '' then 'sent' else 'queued' end
from {schema}.messaging_telegrammessage where upper(btrim(direction, {blanks})) = 'OUTBOUND'
union all
select organization_id, 'instagram', created_at,
    case upper(btrim(status, {blanks}))
        when 'SENT' then case when btrim(provider_message_id, {blanks}) <> '' then 'sent' else 'queued' end
        when 'DELIVERED' then 'delivered' when 'READ' then 'read' when 'FAILED' then 'failed'
        else 'queued' end
from {schema}.messaging_instagrammessage where upper(btrim(direction, {blanks})) = 'OUTBOUND'
union all
select job.organization_id, 'email', recipient.created_at,
    case lower(btrim(recipient.status, {blanks}))
        when 'read' then 'read' when 'failed' then 'failed' when 'skipped' then 'skipped'
        when 'sent' then case when reached.is_delivered then 'delivered' else 'sent' end
        else 'queued' end
from {schema}.messaging_emailrecipient as recipient
join {schema}.messaging_emailjob as job on job.id = recipient.job_id
left join (
    select campaign_id, contact_id, bool_or(lower(btrim(status, {blanks})) in ('delivered', 'read')) as is_delivered
    from {schema}.messaging_campaignrecipient group by 1, 2
) as reached on reached.campaign_id = job.campaign_id and reached.contact_id = recipient.contact_id
