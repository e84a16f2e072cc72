-- grain: organization x channel x slot of {slot_us} microseconds x state x masked error text of failed messages
select
    organization_id, channel, epoch_us(created_at) // {slot_us} as slot, state,
    case when state = 'failed' then coalesce(template, '') end as template, count(*) as n
from ({message})
group by all
