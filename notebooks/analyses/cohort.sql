-- grain: what became of a contact in the campaign; what the same contacts did afterwards
with cohort as (
    select contact_id, any_value(state) as state, min(created_at) as reached_at
    from ({recipients})
    where campaign_id = $campaign
    group by contact_id
),
later as (
    select cohort.contact_id, bool_or(recipient.state = 'read') as has_read
    from cohort
    join ({recipients}) as recipient
        on recipient.contact_id = cohort.contact_id and recipient.created_at > cohort.reached_at
        and recipient.campaign_id <> $campaign
    group by all
)
select
    state,
    count(*) as contacts,
    count(unsubscribe.contact_id) filter (unsubscribed_at > reached_at) as unsubscribed_since,
    count(unsubscribe.contact_id) filter (unsubscribe.campaign_id = $campaign) as unsubscribed_because_of_it,
    count(later.contact_id) as in_a_later_campaign,
    count(*) filter (later.has_read) as read_a_later_campaign
from cohort
left join lake.rollup.unsubscribe as unsubscribe using (contact_id)
left join later using (contact_id)
group by all
order by contacts desc
