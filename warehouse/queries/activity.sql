-- grain: organization; all the bookings and calls of language models it ever had
select
    coalesce(sum(bookings), 0), coalesce(sum(bookings_cancelled), 0), coalesce(sum(llm_calls), 0),
    coalesce(sum(llm_failed), 0)
from (
    select bookings, bookings_cancelled, llm_calls, llm_failed
    from lake.rollup.organization_day
    where organization_id = $organization_id
    union all
    select bookings, bookings_cancelled, llm_calls, llm_failed
    from lake.rollup.organization_lifetime
    where organization_id = $organization_id
)
