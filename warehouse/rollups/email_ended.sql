-- grain: one e-mail recipient; `ending` is how a failed one ended: bounced, dropped, spam, or NULL where it was refused.
-- Its own callback tells, where it is kept and no other e-mail of the job has the same message id; else its own row, whose
-- text is the callback's name, reason or SMTP response, or our side's where it was never accepted (sent_at). A suppression,
-- of which the platform keeps one an address and never renews it, is asked last.
with recipient as ({email_sent}),
event as (
    select
        organization_id, message_key,
        arg_max(
            case when status = 'dropped' then 'dropped' when status like 'spam%' or status = 'complaint' then 'spam' else 'bounced' end,
            (received_at, id)
        ) as ending
    from {raw}provider_event
    where message_key is not null and status in ({ending_statuses})
        and message_key in (select message_key from recipient where state = 'failed')
    group by all
),
shared as (
    -- one call of SendGrid's API may send to several: its events then can't be told apart
    select email_job_id, message_key
    from {raw}email_recipient
    where message_key in (select message_key from event) and email_job_id in (select email_job_id from recipient)
    group by all
    having count(*) > 1
),
suppressed as (
    select
        r.id,
        arg_max(
            case s.reason when 'bounce' then 'bounced' when 'dropped' then 'dropped' else 'spam' end, (s.created_at, s.id)
        ) as ending
    from recipient r
    join lake.raw.suppression s
        on s.address_key = r.address_key and s.organization_id = r.organization_id and s.channel = 'email'
        and s.created_at >= r.sent_at and s.reason in ('bounce', 'dropped', 'spamreport')
    where r.state = 'failed'
    group by all
)
select
    r.*,
    case
        when r.state <> 'failed' or lower(r.template) like 'http error %' then null
        when e.ending is not null and h.message_key is null then e.ending
        when lower(r.template) in ('bounce', 'bounced') then 'bounced'
        when lower(r.template) = 'dropped' then 'dropped'
        when lower(r.template) = 'spamreport' then 'spam'
        when r.sent_at is null then null
        when lower(r.template) in ({drop_reasons}) then 'dropped'
        when regexp_matches(r.template, {smtp_reply}) then 'bounced'
        else coalesce(s.ending, 'bounced')
    end as ending
from recipient r
left join event e on e.message_key = r.message_key and e.organization_id = r.organization_id
left join shared h on h.email_job_id = r.email_job_id and h.message_key = r.message_key
left join suppressed s on s.id = r.id
