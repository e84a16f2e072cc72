-- One row a change of a booking: it was created, and some were cancelled or moved.
insert into bookings_bookingchangelog (id, change_type, actor_type, details, created_at, booking_id)
select row_number() over (order by at, id, change_type), change_type,
    case created_by when 'ai' then 'ai' else 'user' end, '{}'::jsonb, at, id
from bookings_booking
cross join lateral (values ('created', created_at), (case when status = 'cancelled' then 'cancelled' else 'updated' end,
    case when updated_at > created_at then updated_at end)) as change (change_type, at)
where at is not null;
