-- grain: organization; recipients of its e-mail jobs
select
    coalesce(sum(queued + sent + delivered + read + failed + skipped), 0), coalesce(sum(queued), 0),
    coalesce(sum(sent + delivered + read), 0), coalesce(sum(delivered + read), 0), coalesce(sum(read), 0),
    coalesce(sum(failed), 0), coalesce(sum(skipped), 0), coalesce(sum(bounced), 0), coalesce(sum(dropped), 0),
    coalesce(sum(spam), 0)
from (
    select queued, sent, delivered, read, failed, skipped, bounced, dropped, spam
    from lake.rollup.email_job_day
    where organization_id = $organization_id
    union all
    select queued, sent, delivered, read, failed, skipped, bounced, dropped, spam
    from lake.rollup.email_job_lifetime
    where organization_id = $organization_id
)
