-- grain: UTC day x state of one campaign's recipients, by the time they were written
unpivot (
    select epoch_us(day::timestamp) as bucket_us, queued, sent, delivered, read, failed, unsubscribed
    from {rollup.campaign_day}
    where campaign_id = $id and {within}
)
on queued, sent, delivered, read, failed, unsubscribed into name state value recipients
