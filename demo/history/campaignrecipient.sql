-- One row a contact that a campaign addressed.
insert into messaging_campaignrecipient (id, status, provider_message_id, error_message, created_at, campaign_id, contact_id)
select recipient_id,
    case when status in ('pending', 'retrying') then 'queued' when status in ('refused', 'skipped') then 'failed' else status end,
    case when sent_at is null then '' else simulator.provider_message_id(channel, n) end,
    coalesce(error, ''), created_at, campaign_id, contact_id
from simulator.message
where campaign_id is not null;
