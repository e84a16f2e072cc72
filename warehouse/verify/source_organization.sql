-- grain: organization x slot of {seconds} s since {from}
with booking as (
    select organization_id, floor(extract(epoch from created_at) / {seconds})::bigint as slot, count(*) as bookings,
        count(*) filter (where lower(trim(status)) in ('cancelled', 'canceled')) as bookings_cancelled
    from {schema}.bookings_booking where created_at >= {from} group by 1, 2
),
call as (
    select organization_id, floor(extract(epoch from timestamp) / {seconds})::bigint as slot, count(*) as llm_calls,
        count(*) filter (where lower(trim(status)) = 'failed') as llm_failed
    from {schema}.billing_billinglog where timestamp >= {from} group by 1, 2
),
contact as (
    select organization_id, floor(extract(epoch from created_at) / {seconds})::bigint as slot, count(*) as contacts
    from {schema}.contacts_contact where created_at >= {from} group by 1, 2
)
select organization_id, slot, coalesce(bookings, 0) as bookings, coalesce(bookings_cancelled, 0) as bookings_cancelled,
    coalesce(llm_calls, 0) as llm_calls, coalesce(llm_failed, 0) as llm_failed, coalesce(contacts, 0) as contacts
from booking full join call using (organization_id, slot) full join contact using (organization_id, slot)
