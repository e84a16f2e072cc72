-- grain: 5 minutes x state of one campaign's recipients, by the time they were written
select epoch_us(created_at) // 300000000 * 300000000 as bucket_us, state, count(*) as n
from {raw.campaign_recipient}
where campaign_id = {id} and {within}
group by all
