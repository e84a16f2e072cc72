-- grain: organization with bookings or calls of language models in the window
select
    organization_id, sum(bookings)::bigint as bookings, sum(bookings_cancelled)::bigint as bookings_cancelled,
    sum(llm_calls)::bigint as llm_calls, sum(llm_failed)::bigint as llm_failed
from {lake}rollup.organization_5m
where day between $start_day and $end_day and bucket_at >= $start and bucket_at < $end
group by all
having sum(bookings) + sum(llm_calls) > 0
