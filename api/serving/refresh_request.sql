-- grain: one row where the organization may ask now, none where it asked less than so many seconds ago
insert into directory.refresh_request as asked (organization_id, asked_at)
values (%s, now())
on conflict (organization_id) do update set asked_at = excluded.asked_at
where asked.asked_at <= now() - make_interval(secs => %s)
returning organization_id
