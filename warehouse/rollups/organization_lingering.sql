-- grain: organization x slot of {slot_us} microseconds older than the raw window, for a window in which only campaign
-- recipients are still raw: their sums anew, all others as they stand
with part as (
    select * exclude (day) replace ({zero_campaign_sums})
    from {table}
    where day in ({days}) and epoch_us(bucket_at) // 3600000000 in (from touched_hour)
    union all by name
    select * exclude (slot), make_timestamp(slot * {slot_us}) as bucket_at
    from ({campaign_reached})
)
select organization_id, bucket_at, bucket_at::date as day, {sums}
from part
group by organization_id, bucket_at
order by organization_id, bucket_at
