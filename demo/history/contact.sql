-- One row a contact: names, addresses and numbers are functions of its id; who unsubscribed, is unsubscribed.
insert into contacts_contact (
    id, full_name, phone_whatsapp, email, telegram_chat_id, instagram_scoped_id, status, segments, tags, notes, metadata,
    last_inbound_at, last_outbound_at, created_at, updated_at, organization_id, telegram_invited, telegram_last_invite_at,
    telegram_linked, telegram_onboarded_at, telegram_status, whatsapp_blocked, whatsapp_opt_in, instagram_user_id,
    instagram_opt_in, instagram_blocked, instagram_last_inbound_at, instagram_last_outbound_at
)
select id, simulator.first_name(id) || ' ' || simulator.last_name(id), simulator.phone(id), simulator.email(id),
    case when is_linked then (700000000 + id)::text end, case when mod(id, 4) < 2 then 'ig' || id end,
    case when happened_at is not null then 'unsubscribed' when simulator.unit(id, 501) < 0.02 then 'inactive' else 'active' end,
    case when mod(id, 5) = 0 then '["regular"]'::jsonb else '[]'::jsonb end, '[]'::jsonb, '', '{}'::jsonb,
    null, null, created_at, greatest(created_at, happened_at), known.organization_id, is_linked, null, is_linked,
    case when is_linked then created_at end, case when is_linked then 'linked' else '' end,
    simulator.unit(id, 502) < 0.004, simulator.unit(id, 503) < 0.9, case when mod(id, 4) < 2 then 'ig_user_' || id end,
    mod(id, 4) < 2, false, null, null
from (
    select first_contact_id + k as id, organization.id as organization_id,
        simulator.unit(first_contact_id + k, 504) < 0.55 as is_linked,
        case when k < contacts * 0.85
            then %(start)s::timestamptz - (1 - k / (contacts * 0.85)) * interval '200 days'
            else %(start)s::timestamptz + (k - contacts * 0.85) / (contacts * 0.15) * (%(now)s::timestamptz - %(start)s::timestamptz)
        end as created_at
    from simulator.organization
    cross join lateral generate_series(0, contacts - 1) as k
    offset 0
) as known
left join simulator.unsubscribe on contact_id = id and unsubscribe.organization_id = known.organization_id;
