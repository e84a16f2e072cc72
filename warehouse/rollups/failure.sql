-- grain: organization x channel x slot of {slot_us} microseconds x masked error text
with message as ({message})
select
    organization_id, channel, make_timestamp(slot * {slot_us}) as bucket_at, make_timestamp(slot * {slot_us})::date as day,
    template, failed
from (
    select
        organization_id, channel, epoch_us(created_at) // {slot_us} as slot, coalesce(template, '') as template,
        count(*) as failed
    from message
    where state = 'failed'
    group by all
)
order by organization_id, channel, slot
