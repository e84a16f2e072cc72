-- grain: campaign; failed recipients of two windows of equal length, to the day
select
    coalesce(campaign.name, 'Campaign ' || campaign_id) as part,
    sum(failed) filter (day >= $start::date)::bigint as failed,
    sum(failed) filter (day < $start::date)::bigint as failed_before,
    sum(queued + sent + delivered + read + failed + unsubscribed) filter (day >= $start::date)::bigint as outbound,
    sum(queued + sent + delivered + read + failed + unsubscribed) filter (day < $start::date)::bigint as outbound_before
from lake.rollup.campaign_day
left join lake.raw.campaign as campaign on campaign.id = campaign_id
where campaign_day.organization_id = $organization and day >= $before::date and day < $end::date
group by all
having sum(failed) > 0
order by failed desc
limit 15
