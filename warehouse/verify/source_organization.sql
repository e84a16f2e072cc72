-- grain: organization x slot of {seconds} s since {from}
with event as (
    select organization_id, created_at as at,
        case when lower(btrim(status, {blanks})) in ('cancelled', 'canceled') then 'booking cancelled' else 'booking' end as what
    from {schema}.bookings_booking
    union all
    select organization_id, timestamp, case when lower(btrim(status, {blanks})) = 'failed' then 'call failed' else 'call' end
    from {schema}.billing_billinglog
    union all
    select organization_id, created_at, 'contact' from {schema}.contacts_contact
    union all
    select organization_id, created_at, 'email ' || state from ({email}) as email
    union all
    select organization_id, created_at, 'email ended ' || ending from ({email}) as email where ending is not null
    union all
    select organization_id, created_at, 'campaign ' || state from ({campaign_recipient}) as told
)
select organization_id, floor(extract(epoch from at) / {seconds})::bigint as slot,
    count(*) filter (where what in ('booking', 'booking cancelled')) as bookings,
    count(*) filter (where what = 'booking cancelled') as bookings_cancelled,
    count(*) filter (where what in ('call', 'call failed')) as llm_calls,
    count(*) filter (where what = 'call failed') as llm_failed,
    count(*) filter (where what = 'contact') as contacts,
    count(*) filter (where what = 'email queued') as email_queued,
    count(*) filter (where what = 'email sent') as email_sent,
    count(*) filter (where what = 'email delivered') as email_delivered,
    count(*) filter (where what = 'email read') as email_read,
    count(*) filter (where what = 'email failed') as email_failed,
    count(*) filter (where what = 'email skipped') as email_skipped,
    count(*) filter (where what = 'email ended bounced') as email_bounced,
    count(*) filter (where what = 'email ended dropped') as email_dropped,
    count(*) filter (where what = 'email ended spam') as email_spam,
    count(*) filter (where what = 'campaign queued') as campaign_queued,
    count(*) filter (where what = 'campaign sent') as campaign_sent,
    count(*) filter (where what = 'campaign delivered') as campaign_delivered,
    count(*) filter (where what = 'campaign read') as campaign_read,
    count(*) filter (where what = 'campaign failed') as campaign_failed,
    count(*) filter (where what = 'campaign unsubscribed') as campaign_unsubscribed
from event
where at >= {from}
group by 1, 2
