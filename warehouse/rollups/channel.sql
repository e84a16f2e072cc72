-- grain: organization x channel x slot of {slot_us} microseconds
with message as (
    select
        organization_id, channel, slot,
        sum(n) filter (state = 'queued') as queued, sum(n) filter (state = 'sent') as sent,
        sum(n) filter (state = 'delivered') as delivered, sum(n) filter (state = 'read') as read,
        sum(n) filter (state = 'failed') as failed, sum(n) filter (state = 'skipped') as skipped,
        sum(n) filter (state = 'retrying') as retrying
    from ({message_count})
    group by all
),
inbound as (
    -- inbound WhatsApp and Telegram messages are written twice and counted here once; Instagram's only stand in theirs
    select organization_id, channel, received_at from {raw}inbound_message where {within:received_at}
    union all
    select organization_id, 'instagram', created_at
    from {raw}instagram_message
    where direction = 'inbound' and {within:created_at}
),
inbound_count as (
    select organization_id, channel, epoch_us(received_at) // {slot_us} as slot, count(*) as inbound
    from inbound
    group by all
),
callback as (
    -- one row a latency bucket first: merging a sketch is adding these counts
    select
        organization_id, channel, epoch_us(received_at) // {slot_us} as slot,
        case when latency_ms > 0 then ceil(ln(latency_ms) / {log_gamma})::smallint end as bucket,
        count(*) as callbacks, count(*) filter (status in ({error_statuses})) as callback_errors,
        sum(latency_ms) filter (latency_ms > 0) as latency_sum_ms
    from {raw}provider_event
    where {within:received_at}
    group by all
),
callback_count as (
    select
        organization_id, channel, slot, sum(callbacks)::bigint as callbacks,
        sum(callback_errors)::bigint as callback_errors,
        coalesce(sum(callbacks) filter (bucket is not null), 0)::bigint as latency_count,
        coalesce(sum(latency_sum_ms), 0) as latency_sum_ms,
        list({'bucket': bucket, 'n': callbacks}) filter (bucket is not null) as latency
    from callback
    group by all
),
part as (
    select * from message
    union all by name
    select * from inbound_count
    union all by name
    select * from callback_count
)
select
    organization_id, channel, make_timestamp(slot * {slot_us}) as bucket_at, make_timestamp(slot * {slot_us})::date as day,
    coalesce(sum(queued), 0)::bigint as queued, coalesce(sum(sent), 0)::bigint as sent,
    coalesce(sum(delivered), 0)::bigint as delivered, coalesce(sum(read), 0)::bigint as read,
    coalesce(sum(failed), 0)::bigint as failed, coalesce(sum(skipped), 0)::bigint as skipped,
    coalesce(sum(retrying), 0)::bigint as retrying, coalesce(sum(inbound), 0)::bigint as inbound,
    coalesce(sum(callbacks), 0)::bigint as callbacks, coalesce(sum(callback_errors), 0)::bigint as callback_errors,
    coalesce(sum(latency_count), 0)::bigint as latency_count, coalesce(sum(latency_sum_ms), 0)::hugeint as latency_sum_ms,
    any_value(latency) as latency
from part
group by organization_id, channel, slot
order by organization_id, channel, slot
