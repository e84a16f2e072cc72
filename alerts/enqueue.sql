-- grain: a notice, with the alert and the event as the transaction that changes them sees them
insert into alert.notice (event_id, alert_id, organization_id, kind, severity, at, content)
select
    event.id, alert.id, alert.organization_id, :kind, alert.severity, :at,
    jsonb_build_object('alert', to_jsonb(alert), 'event', to_jsonb(event))
from alert.event as event
join alert.alert as alert on alert.id = event.alert_id
where event.id = :event_id
on conflict (event_id) do nothing
