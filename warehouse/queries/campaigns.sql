-- grain: one campaign; its recipients counted, whenever they were written. `reached` is what an unsubscribe can be of.
with part as (
    select * from {rollup.campaign_day} where {its_rows}
    union all by name
    select * from {rollup.campaign_lifetime} where {its_rows}
),
counted as (
    select
        campaign_id, {measures}, sum(unsubscribed)::bigint as marked, min(day) as first_day, max(day) as last_day
    from part
    group by campaign_id
),
leaver as (
    -- contacts who unsubscribed by themselves after this campaign had reached them last
    select campaign_id, count(*) as attributed from {rollup.unsubscribe} where {its_rows} group by campaign_id
)
select
    c.id, c.name, c.channel, c.status, c.created_at, null::bigint as campaign_id, null::timestamp as started_at,
    null::timestamp as completed_at, n.first_day, n.last_day, {coalesced},
    coalesce(n.unsubscribed, 0) + coalesce(l.attributed, 0) as unsubscribed,
    coalesce(n.sent, 0) + coalesce(n.marked, 0) as reached
from {raw.campaign} c
left join counted n on n.campaign_id = c.id
left join leaver l on l.campaign_id = c.id
