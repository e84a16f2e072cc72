-- One row a campaign. Repeated callbacks were counted again, and nobody counts the unsubscribed.
insert into messaging_campaign (
    id, name, channel, target_count, sent_count, delivered_count, read_count, failed_count, unsubscribed_count,
    estimated_cost, status, created_at, organization_id, template_id, created_by_id, group_ids, upload_used
)
select batch.campaign_id,
    (array['Spring menu', 'Weekend offer', 'We miss you', 'New arrivals', 'Birthday greetings', 'Opening hours', 'Last places',
        'Members only', 'Thank you', 'Season opening'])[1 + floor(10 * simulator.unit(batch.n, 411))::int]
        || ' ' || to_char(batch.started_at at time zone 'UTC', 'DD Mon'),
    batch.channel, target, sent,
    delivered + floor(delivered * 0.03 * simulator.unit(batch.n, 412))::int,
    read + floor(read * 0.06 * simulator.unit(batch.n, 413))::int,
    failed + floor(failed * 0.04 * simulator.unit(batch.n, 414))::int,
    0, target * case batch.channel when 'email' then 0.0008 else 0.0450 end,
    case when waiting > 0 then 'running' when failed > target * 0.6 then 'failed' else 'completed' end,
    batch.started_at - interval '2 minutes', batch.organization_id,
    case when mod(batch.n, 3) > 0 then 1 + mod(batch.n, 40) end,
    (select min(user_id) from organizations_membership as member
        where member.organization_id = batch.organization_id and role <> 'viewer'),
    jsonb_build_array(1 + mod(batch.n, 7)), mod(batch.n, 5) = 0
from simulator.batch
join simulator.batch_count using (campaign_id)
order by campaign_id;
