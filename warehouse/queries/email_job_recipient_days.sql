-- grain: UTC day x state of one e-mail job's recipients, by the time they were written
unpivot (
    select epoch_us(day::timestamp) as bucket_us, queued, sent, delivered, read, failed, skipped
    from {rollup.email_job_day}
    where email_job_id = $id and {within}
)
on queued, sent, delivered, read, failed, skipped into name state value recipients
