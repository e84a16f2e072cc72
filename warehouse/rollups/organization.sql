-- grain: organization x slot of {slot_us} microseconds
with part as (
    select
        organization_id, epoch_us(created_at) // {slot_us} as slot, count(*) as bookings,
        count(*) filter (status in ('cancelled', 'canceled')) as bookings_cancelled
    from {raw}booking
    where {within:created_at}
    group by all
    union all by name
    select
        organization_id, epoch_us(called_at) // {slot_us} as slot, count(*) as llm_calls,
        count(*) filter (status = 'failed') as llm_failed
    from {raw}llm_call
    where {within:called_at}
    group by all
)
select
    organization_id, make_timestamp(slot * {slot_us}) as bucket_at, make_timestamp(slot * {slot_us})::date as day,
    coalesce(sum(bookings), 0)::bigint as bookings, coalesce(sum(bookings_cancelled), 0)::bigint as bookings_cancelled,
    coalesce(sum(llm_calls), 0)::bigint as llm_calls, coalesce(sum(llm_failed), 0)::bigint as llm_failed
from part
group by organization_id, slot
order by organization_id, slot
