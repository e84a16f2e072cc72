-- One row a booking, made a few days ahead of its time.
insert into bookings_booking (
    id, title, start_time, end_time, status, location, notes, external_calendar_id, created_by, created_at, updated_at,
    contact_id, organization_id, created_by_user_id, attendees, gcal_calendar_id, gcal_etag, gcal_event_id, gcal_ical_uid,
    gcal_sequence, hangout_link, organizer_email, recurrence, resource_id, timezone, meeting_type
)
select id, (array['Table for two', 'Table for four', 'Haircut', 'Check-up', 'Consultation', 'Yoga class'])[1 + mod(n, 6)],
    start_time, start_time + interval '1 hour', status, '', '', '', case when mod(n, 3) = 0 then 'ai' else 'staff' end,
    created_at,
    case when status in ('pending', 'confirmed') then created_at
        else least(%(now)s, created_at + simulator.unit(n, 604) * (greatest(start_time, created_at) - created_at)) end,
    contact_id, organization_id, null, '[]'::jsonb, '', '', '', '', 0, '', '', '',
    case when mod(n, 4) = 0 then 1 + mod(n, 9) end, 'Europe/Rome', case when mod(n, 5) = 0 then 'online' else 'in_person' end
from (
    select key.id, n, organization.id as organization_id, created_at,
        organization.first_contact_id + floor(organization.contacts * 0.85 * simulator.unit(n, 602))::bigint as contact_id,
        date_trunc('hour', created_at, 'UTC') + floor(1 + 200 * simulator.unit(n, 603)) * interval '1 hour' as start_time,
        case when simulator.unit(n, 605) < 0.11 then 'cancelled' when simulator.unit(n, 605) < 0.21 then 'pending'
            when simulator.unit(n, 605) < 0.24 then 'no_show' when simulator.unit(n, 605) < 0.45 then 'completed'
            else 'confirmed' end as status
    from simulator.key
    join simulator.reach on reach.channel = 'calendar'
    join simulator.organization
        on organization.id = reach.organization_ids[width_bucket(simulator.unit(n, 601), reach.bounds)]
    where key.source = 'booking'
) as made;
