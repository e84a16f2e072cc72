-- One row a failed message, as the platform alerts today; and some calendar failures.
insert into monitoring_monitoringalert (
    id, category, severity, message, metadata, is_acknowledged, created_at, acknowledged_at, organization_id
)
select row_number() over (order by at, n), category, severity, message, metadata, is_acknowledged, at,
    case when is_acknowledged then least(%(now)s, at + simulator.unit(n, 803) * interval '12 hours') end, organization_id
from (
    select n, failed_at as at, organization_id, error as message,
        case when status = 'failed' then case when simulator.unit(n, 801) < 0.7 then 'callback_failure' else 'send_failure' end
            when error like 'Integration not%%' or error like '%%integration missing%%' or error like 'Token missing%%'
                then 'integration_missing'
            when error like 'HTTPS%%' or error like '<urlopen%%' or error like '%%imed out%%' then 'send_exception'
            else 'send_failure' end as category,
        case when status = 'failed' then 'warning' else 'error' end as severity,
        case source
            when 'outbound' then jsonb_build_object('outbound_id', id, 'channel', channel)
            when 'email' then jsonb_build_object('recipient_id', id, 'job_id', job_id, 'channel', channel)
            else jsonb_build_object('message_id', id, 'channel', channel)
        end as metadata,
        failed_at < %(now)s::timestamptz - interval '2 days' and simulator.unit(n, 802) < 0.7 as is_acknowledged
    from simulator.message
    where status in ('failed', 'refused') and failed_at <= %(now)s
    union all
    select 99 * 1000000000000 + booking.id, booking.created_at, organization_id,
        simulator.render(words, booking.id, coalesce(contact_id, 0)), 'calendar_failure', 'warning',
        jsonb_build_object('booking_id', booking.id), false
    from bookings_booking as booking
    join simulator.text_slot on channel = 'calendar' and slot = floor(1000 * simulator.unit(booking.id, 805))::int
    where simulator.unit(booking.id, 804) < 0.02
) as failed;
