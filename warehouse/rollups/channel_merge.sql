-- grain: {keys}; counts added up, sketches merged by adding their counts
with part as ({source}),
total as (
    select
        {keys},
        sum(queued)::bigint as queued, sum(sent)::bigint as sent, sum(delivered)::bigint as delivered,
        sum(read)::bigint as read, sum(failed)::bigint as failed, sum(skipped)::bigint as skipped,
        sum(retrying)::bigint as retrying, sum(inbound)::bigint as inbound, sum(callbacks)::bigint as callbacks,
        sum(callback_errors)::bigint as callback_errors, sum(latency_count)::bigint as latency_count,
        sum(latency_sum_ms)::hugeint as latency_sum_ms
    from part
    group by all
),
entry as (select {keys}, unnest(latency, recursive := true) from part),
entry_total as (select {keys}, bucket, sum(n)::bigint as n from entry group by all),
sketch as (select {keys}, list({'bucket': bucket, 'n': n}) as latency from entry_total group by all)
select * from total left join sketch using ({keys})
order by all
