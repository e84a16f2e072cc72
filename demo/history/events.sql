-- One row a callback, numbered as it came in: sent, delivered, opened, failed; some twice, some out of order.
create unlogged table simulator.event as
select row_number() over (order by received_at, n, step, copy) as id, *
from (
    select n, source, step, copy, channel, organization_id, contact_id, message_id, status, text_id, error, sent_at,
        case when copy = 1 then at
            else simulator.later(at, simulator.seconds(simulator.unit(n, 80 + step), 9, 1.5)) end as received_at
    from (
        select 1 as step, case channel when 'email' then 'processed' else 'sent' end as status,
            simulator.later(sent_at, simulator.seconds(simulator.unit(n, 72), 0.6, 1.4)) as at,
            n, source, channel, organization_id, contact_id, id as message_id, null::bigint as text_id, null as error, sent_at
        from simulator.message
        where sent_at is not null and not is_silent
            and simulator.unit(n, 71) < case channel when 'email' then 0.65 when 'whatsapp' then 0.7 else 0.45 end
        union all
        select 2, 'deferred', sent_at + (delivered_at - sent_at) * 0.6,
            n, source, channel, organization_id, contact_id, id, null, null, sent_at
        from simulator.message
        where delivered_at is not null and channel = 'email' and simulator.unit(n, 73) < 0.04
        union all
        select 3, 'delivered', delivered_at, n, source, channel, organization_id, contact_id, id, null, null, sent_at
        from simulator.message
        where delivered_at is not null
        union all
        select 4, case channel when 'email' then 'open' else 'read' end, read_at,
            n, source, channel, organization_id, contact_id, id, null, null, sent_at
        from simulator.message
        where read_at is not null
        union all
        select 5, 'open', simulator.later(read_at, simulator.seconds(simulator.unit(n, 75), 20000, 1.2)),
            n, source, channel, organization_id, contact_id, id, null, null, sent_at
        from simulator.message
        where read_at is not null and channel = 'email' and simulator.unit(n, 74) < 0.3
        union all
        select 6, 'click', simulator.later(read_at, simulator.seconds(simulator.unit(n, 77), 25, 1.0)),
            n, source, channel, organization_id, contact_id, id, null, null, sent_at
        from simulator.message
        where read_at is not null and channel = 'email' and simulator.unit(n, 76) < 0.16
        union all
        select 7, word.event, failed_at,
            n, source, message.channel, organization_id, contact_id, message.id, text_id, error, sent_at
        from simulator.message
        join simulator.words as word on word.id = message.text_id
    ) as happened
    cross join lateral generate_series(1, case when simulator.unit(n, 90 + step) < 0.02 then 2 else 1 end) as copy
) as called
where received_at <= %(now)s;
