-- grain: organization x slot of {slot_us} microseconds
select
    organization_id, make_timestamp(slot * {slot_us}) as bucket_at, make_timestamp(slot * {slot_us})::date as day, contacts
from (
    select organization_id, epoch_us(created_at) // {slot_us} as slot, count(*) as contacts
    from lake.raw.contact
    where {within:created_at}
    group by all
)
order by organization_id, slot
