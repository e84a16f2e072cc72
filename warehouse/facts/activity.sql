-- grain: window x organization with bookings or calls of language models in it
with {spans}
select
    number, organization_id, sum(bookings)::bigint as bookings, sum(bookings_cancelled)::bigint as bookings_cancelled,
    sum(llm_calls)::bigint as llm_calls, sum(llm_failed)::bigint as llm_failed
from {lake}rollup.organization_5m
join span_bucket using (bucket_at)
where day between $first_day and $last_day and bucket_at >= $since and bucket_at < $until
group by all
having sum(bookings) + sum(llm_calls) > 0
