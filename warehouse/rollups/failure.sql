-- grain: organization x channel x slot of {slot_us} microseconds x masked error text
select
    organization_id, channel, make_timestamp(slot * {slot_us}) as bucket_at, make_timestamp(slot * {slot_us})::date as day,
    template, n as failed
from ({message_count})
where state = 'failed'
order by organization_id, channel, slot
