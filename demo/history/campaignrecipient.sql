-- One row a contact that a campaign addressed. Of e-mails only callbacks tell it anything: a send or refusal does not.
insert into messaging_campaignrecipient (id, status, provider_message_id, error_message, created_at, campaign_id, contact_id)
select recipient_id,
    case when is_untold or status in ('pending', 'retrying') then 'queued' when status in ('refused', 'skipped') then 'failed'
        else status end,
    case when is_untold or sent_at is null then '' else simulator.provider_message_id(channel, n) end,
    case when is_untold then '' else coalesce(error, '') end, created_at, campaign_id, contact_id
from simulator.message
cross join lateral (select source = 'email' and status in ('sent', 'refused', 'skipped') as is_untold) as told
where campaign_id is not null;
