-- grain: one e-mail recipient since {from}: its state, and what ended a failed one.
-- Only an e-mail that SendGrid accepted (sent_at) can bounce, be dropped or complained of. Its error is then the event's
-- reason, SMTP response or name, which nothing else writes; drops have fixed reasons, a complaint only its name. An event counts for the one
-- recipient of a job that has its message id; the suppression of an address is only as old as its first failure.
with recipient as (
    select r.id, r.job_id, job.organization_id, job.campaign_id, r.contact_id, r.created_at, r.sent_at,
        lower(btrim(r.error, {blanks})) as error,
        lower(btrim(r.email, {blanks})) as address, lower(btrim(r.status, {blanks})) as status,
        regexp_replace(btrim(r.provider_message_id, {blanks}), '[.](filter|recvd).*$', '') as message_id
    from {schema}.messaging_emailrecipient as r
    join {schema}.messaging_emailjob as job on job.id = r.job_id
    where r.created_at >= {from}
),
alone as (
    select job_id, regexp_replace(btrim(provider_message_id, {blanks}), '[.](filter|recvd).*$', '') as message_id
    from {schema}.messaging_emailrecipient group by 1, 2 having count(*) = 1
),
reached as (
    select campaign_id, contact_id, bool_or(lower(btrim(status, {blanks})) in ('delivered', 'read')) as is_delivered
    from {schema}.messaging_campaignrecipient group by 1, 2
),
event as (
    select distinct on (organization_id, message_id) organization_id, message_id,
        case when status = 'dropped' then 'dropped' when status like 'spam%' or status = 'complaint' then 'spam'
            else 'bounced' end as ending
    from (
        select organization_id, received_at, id, lower(btrim(status, {blanks})) as status,
            regexp_replace(btrim(provider_message_id, {blanks}), '[.](filter|recvd).*$', '') as message_id
        from {schema}.messaging_providerevent
        where {channel:channel} = 'email' and btrim(provider_message_id, {blanks}) <> ''
    ) as called
    where status in ('bounce', 'bounced', 'blocked', 'dropped', 'spamreport', 'complaint')
    order by organization_id, message_id, received_at desc, id desc
),
suppressed as (
    select distinct on (recipient.id) recipient.id,
        case lower(btrim(s.reason, {blanks})) when 'bounce' then 'bounced' when 'dropped' then 'dropped' else 'spam' end as ending
    from recipient
    join {schema}.messaging_suppression as s
        on s.organization_id = recipient.organization_id and lower(btrim(s.identifier, {blanks})) = recipient.address
    where recipient.status = 'failed' and recipient.address <> '' and s.created_at >= recipient.sent_at
        and {channel:s.channel} = 'email' and lower(btrim(s.reason, {blanks})) in ('bounce', 'dropped', 'spamreport')
    order by recipient.id, s.created_at desc, s.id desc
),
ended as (
    select recipient.id,
        case
            when error like 'http error %' then null
            when event.ending is not null then event.ending
            when error in ('bounce', 'bounced') then 'bounced'
            when error = 'dropped' then 'dropped'
            when error = 'spamreport' then 'spam'
            when sent_at is null then null
            when error in (
                'bounced address', 'unsubscribed address', 'spam reporting address', 'invalid', 'spam content',
                'recipient list over package quota', 'invalid smtpapi header'
            ) then 'dropped'
            when error ~ '^[245][0-9][0-9][ -]' or error ~ '(^|[^0-9.])[245][.][0-9]{1,3}[.][0-9]{1,3}([^0-9.]|$)' then 'bounced'
            else coalesce(suppressed.ending, 'bounced')
        end as ending
    from recipient
    left join alone on alone.job_id = recipient.job_id and alone.message_id = recipient.message_id
    left join event on event.organization_id = recipient.organization_id and event.message_id = alone.message_id
    left join suppressed on suppressed.id = recipient.id
    where recipient.status = 'failed'
)
select recipient.organization_id, job_id as email_job_id, created_at,
    case when status not in ('sent', 'read', 'failed', 'skipped') then 'queued'
        when status = 'sent' and is_delivered then 'delivered'
        else status end as state, ending
from recipient
left join reached on reached.campaign_id = recipient.campaign_id and reached.contact_id = recipient.contact_id
left join ended on ended.id = recipient.id
