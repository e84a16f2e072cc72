-- One row an outbound message of any source, with what becomes of it by now; the tables and the callbacks follow from it.
insert into simulator.message
select
    source, id, n, channel, organization_id, contact_id, campaign_id, job_id, recipient_id, created_at,
    case when final not in ('pending', 'retrying', 'refused', 'skipped') then sent_at end,
    case when final in ('delivered', 'read') or final = 'failed' and event = 'spamreport' then delivered_at end,
    case when final = 'read' then read_at end,
    case final
        when 'failed' then failed_at
        when 'refused' then least(simulator.later(created_at, 0.2 + 3 * simulator.unit(n, 33)), %(now)s)
    end,
    final,
    case when final in ('failed', 'refused', 'skipped', 'retrying') then simulator.render(words, n, contact_id) end,
    case when final = 'failed' then text_id end,
    case
        when final = 'retrying' then 1 + floor(3 * simulator.unit(n, 31))::int
        when final = 'refused' and stage in ('before', 'outage') then floor(4 * simulator.unit(n, 31))::int
        when outcome = 'retrying' then 2
        when is_retried and final <> 'pending' then 1
        else 0
    end,
    is_silent
from (
    select timed.*, drawn.text_id, drawn.event, drawn.words, failing.failed_at,
        -- What the platform knows now: callbacks that are still to come have not changed the row yet.
        case
            when outcome in ('refused', 'skipped') then outcome
            when outcome = 'retrying' then
                case when created_at > %(now)s::timestamptz - interval '20 minutes' or simulator.unit(n, 18) < 0.1 then 'retrying'
                    else 'sent' end
            when source = 'outbound' and created_at > %(now)s::timestamptz - interval '3 days' and simulator.unit(n, 19) < 0.003 then 'pending'
            when sent_at > %(now)s then 'pending'
            when outcome = 'failed' then case when failed_at <= %(now)s then 'failed' else 'sent' end
            when outcome in ('delivered', 'read') and delivered_at > %(now)s then 'sent'
            when outcome = 'read' and read_at > %(now)s then 'delivered'
            else outcome
        end as final
    from (
        select decided.*,
            simulator.later(sent_at, simulator.seconds(simulator.unit(n, 21), delivery_seconds * slowness, delivery_sigma)) as delivered_at,
            simulator.later(sent_at, simulator.seconds(simulator.unit(n, 21), delivery_seconds * slowness, delivery_sigma)
                + least(simulator.seconds(simulator.unit(n, 22), read_seconds, 1.3), 1000000)) as read_at,
            case when stage is not null then floor(1000 * simulator.unit(n, 23))::int end as text_slot
        from (
            select chosen.*,
                case
                    when not is_configured then 'refused'
                    when outage = 'sends fail' and u < 0.75 then 'refused'
                    when u < skipped then 'skipped'
                    when u < skipped + refused then 'refused'
                    when u < skipped + refused + retrying then 'retrying'
                    when is_silent then 'sent'
                    when u < skipped + refused + retrying + failed then 'failed'
                    when u < skipped + refused + retrying + failed + unheard then 'sent'
                    when simulator.unit(n, 13) < readers then 'read'
                    else 'delivered'
                end as outcome,
                case
                    when not is_configured then 'unconfigured'
                    when outage = 'sends fail' and u < 0.75 then 'outage'
                    when u < skipped then 'skipped'
                    when u < skipped + refused then 'before'
                    when u < skipped + refused + retrying then 'retrying'
                    when is_silent then null
                    when u < skipped + refused + retrying + failed then 'after'
                end as stage,
                simulator.unit(n, 14) < 0.03 as is_retried,
                simulator.later(created_at,
                    case when job_id is null then 0.15 + 1.2 * simulator.unit(n, 15) else 1 + k / send_rate end
                    + case when simulator.unit(n, 14) < 0.03 then 20 + 300 * simulator.unit(n, 16) else 0 end) as sent_at
            from (
                select addressed.*,
                    case when outage = 'callbacks late' then 30 else 1 end as slowness,
                    organization.first_contact_id + case
                        when contact_offset is null then
                            floor(organization.contacts * (0.85 + 0.15 * age) * power(simulator.unit(n, 11), 1.6))::bigint
                        else mod(contact_offset + k, floor(organization.contacts * 0.85)::bigint)
                    end as contact_id,
                    simulator.unit(n, 12) as u,
                    coalesce(outage = 'callbacks stop' and simulator.unit(n, 17) < 0.92, false) as is_silent
                from (
                    select plan.source, plan.channel, plan.campaign_id, plan.job_id, plan.contact_offset, plan.outage, chance.*,
                        key.k, key.id, key.n, key.created_at,
                        plan.first_recipient_id + key.k as recipient_id,
                        greatest(20, plan.rows / 300.0)::double precision as send_rate,
                        greatest(0, extract(epoch from plan.started_at - %(start)s) / (%(days)s * 86400))::double precision as age,
                        coalesce(plan.organization_id, reach.organization_ids[bucket]) as organization_id,
                        coalesce(reach.is_configured[bucket], true) as is_configured
                    from simulator.key
                    join simulator.plan on plan.number = key.plan_number
                    join simulator.chance on chance.source_name = plan.source and chance.channel_name = plan.channel
                    join simulator.reach on reach.channel = plan.channel
                    cross join lateral (
                        select case
                            when plan.organization_id is null then width_bucket(simulator.unit(key.n, 2), reach.bounds)
                            else array_position(reach.organization_ids, plan.organization_id)
                        end as bucket
                    ) as placed
                    where key.kind in ('message', 'campaign', 'job') and mod(key.id / 1024, %(shards)s) = %(shard)s
                    offset 0
                ) as addressed
                join simulator.organization on organization.id = addressed.organization_id
                offset 0
            ) as chosen
            offset 0
        ) as decided
        offset 0
    ) as timed
    left join simulator.text_slot as drawn
        on drawn.channel = timed.channel and drawn.stage = timed.stage and drawn.slot = timed.text_slot
    cross join lateral (
        select case when drawn.event = 'spamreport' then read_at else delivered_at end as failed_at
    ) as failing
    offset 0
) as known;
