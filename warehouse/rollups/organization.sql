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
    union all by name
    select
        organization_id, epoch_us(created_at) // {slot_us} as slot,
        count(*) filter (state = 'queued') as email_queued, count(*) filter (state = 'sent') as email_sent,
        count(*) filter (state = 'delivered') as email_delivered, count(*) filter (state = 'read') as email_read,
        count(*) filter (state = 'failed') as email_failed, count(*) filter (state = 'skipped') as email_skipped,
        count(*) filter (ending = 'bounced') as email_bounced, count(*) filter (ending = 'dropped') as email_dropped,
        count(*) filter (ending = 'spam') as email_spam
    from ({email_ended})
    group by all
    union all by name
    from ({campaign_reached})
)
select
    organization_id, make_timestamp(slot * {slot_us}) as bucket_at, make_timestamp(slot * {slot_us})::date as day,
    {sums}
from part
group by organization_id, slot
order by organization_id, slot
