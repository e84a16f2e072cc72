-- One row an LLM call.
insert into billing_billinglog (
    id, timestamp, feature_tag, model, mode, tokens_prompt, tokens_completion, tokens_total, raw_cost, billable_cost,
    currency, request_id, status, metadata, error, created_at, updated_at, organization_id, user_id
)
select id, called_at, (array['reply', 'summary', 'booking_assistant', 'translation'])[1 + mod(n, 4)],
    (array['small-1', 'large-2'])[1 + (simulator.unit(n, 704) < 0.2)::int], 'live',
    case when status = 'succeeded' then prompt end, case when status = 'succeeded' then completion end,
    case when status = 'succeeded' then prompt + completion end,
    case when status = 'succeeded' then round((prompt * 0.0000008 + completion * 0.000004)::numeric, 4) end,
    case when status = 'succeeded' then round((prompt * 0.0000012 + completion * 0.000006)::numeric, 4) end,
    'EUR', 'req_' || substr(md5(n || ':llm'), 1, 24), status, '{}'::jsonb, coalesce(simulator.render(words, n, 0), ''),
    called_at, least(%(now)s, simulator.later(called_at, simulator.seconds(simulator.unit(n, 705), 1.8, 0.7))),
    organization_id, null
from (
    select key.id, n, organization.id as organization_id, created_at as called_at,
        100 + floor(3000 * simulator.unit(n, 702))::int as prompt, 20 + floor(600 * simulator.unit(n, 703))::int as completion,
        case when simulator.unit(n, 701) < 0.045 then 'failed' when simulator.unit(n, 701) < 0.07 then 'canceled'
            when simulator.unit(n, 701) < 0.08 then 'sent' else 'succeeded' end as status
    from simulator.key
    join simulator.reach on reach.channel = 'whatsapp'
    join simulator.organization
        on organization.id = reach.organization_ids[width_bucket(simulator.unit(n, 706), reach.bounds)]
    where key.source = 'billinglog'
    offset 0
) as called
left join simulator.text_slot as drawn
    on drawn.channel = 'llm' and drawn.stage = status and drawn.slot = floor(1000 * simulator.unit(n, 707))::int;
