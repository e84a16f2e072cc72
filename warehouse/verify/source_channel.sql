-- grain: organization x channel x slot of {seconds} s since {from}
with message as ({message}),
inbound as (
    select organization_id, {channel:channel} as channel, received_at as at from {schema}.messaging_inboundmessage
    union all
    select organization_id, 'instagram', created_at
    from {schema}.messaging_instagrammessage where upper(btrim(direction, {blanks})) = 'INBOUND'
),
event as (
    select organization_id, {channel:channel} as channel, received_at as at, latency_ms,
        lower(btrim(status, {blanks})) in (
            'failed', 'undelivered', 'bounce', 'bounced', 'blocked', 'dropped', 'spamreport', 'rejected', 'expired', 'error'
        ) as is_error
    from {schema}.messaging_providerevent
),
counted as (
    select organization_id, channel, floor(extract(epoch from created_at) / {seconds})::bigint as slot,
        count(*) filter (where state = 'queued') as queued, count(*) filter (where state = 'sent') as sent,
        count(*) filter (where state = 'delivered') as delivered, count(*) filter (where state = 'read') as read,
        count(*) filter (where state = 'failed') as failed, count(*) filter (where state = 'skipped') as skipped,
        count(*) filter (where state = 'retrying') as retrying,
        0 as inbound, 0 as callbacks, 0 as callback_errors, 0 as latency_count, 0 as latency_sum_ms
    from message where created_at >= {from} group by 1, 2, 3
    union all
    select organization_id, channel, floor(extract(epoch from at) / {seconds})::bigint,
        0, 0, 0, 0, 0, 0, 0, count(*), 0, 0, 0, 0
    from inbound where at >= {from} group by 1, 2, 3
    union all
    select organization_id, channel, floor(extract(epoch from at) / {seconds})::bigint,
        0, 0, 0, 0, 0, 0, 0, 0, count(*), count(*) filter (where is_error), count(*) filter (where latency_ms > 0),
        coalesce(sum(latency_ms) filter (where latency_ms > 0), 0)
    from event where at >= {from} group by 1, 2, 3
)
select organization_id, channel, slot, sum(queued)::bigint as queued, sum(sent)::bigint as sent,
    sum(delivered)::bigint as delivered, sum(read)::bigint as read, sum(failed)::bigint as failed,
    sum(skipped)::bigint as skipped, sum(retrying)::bigint as retrying, sum(inbound)::bigint as inbound,
    sum(callbacks)::bigint as callbacks, sum(callback_errors)::bigint as callback_errors,
    sum(latency_count)::bigint as latency_count, sum(latency_sum_ms)::bigint as latency_sum_ms
from counted group by 1, 2, 3
