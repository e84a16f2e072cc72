-- grain: one e-mail recipient; `ending` is how a failed one ended.
-- It bounced, was dropped or complained by what its own callback says, else by its error's bare name, else by the
-- suppression that its callback wrote; without any of these it failed on our side.
with recipient as ({email_sent}),
event as (
    select
        organization_id, message_key,
        arg_max(
            case when status in ('dropped') then 'dropped' when status like 'spam%' or status = 'complaint' then 'spam' else 'bounced' end,
            (received_at, id)
        ) as ending
    from {raw}provider_event
    where message_key is not null and status in ({ending_statuses})
    group by all
),
ending as (
    select
        r.id,
        coalesce(
            any_value(e.ending),
            any_value(case lower(r.template) when 'bounce' then 'bounced' when 'bounced' then 'bounced' when 'dropped' then 'dropped' when 'spamreport' then 'spam' end),
            arg_max(
                case s.reason when 'bounce' then 'bounced' when 'dropped' then 'dropped' when 'spamreport' then 'spam' end,
                (s.created_at, s.id)
            )
        ) as ending
    from recipient r
    left join event e on e.message_key = r.message_key and e.organization_id = r.organization_id
    left join lake.raw.suppression s
        on s.address_key = r.address_key and s.organization_id = r.organization_id and s.channel = 'email'
        and s.created_at >= r.created_at and s.reason in ('bounce', 'dropped', 'spamreport')
    where r.state = 'failed'
    group by all
)
select r.*, e.ending
from recipient r
left join ending e on e.id = r.id
