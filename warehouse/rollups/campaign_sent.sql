-- grain: one recipient of a campaign, read together with its e-mail
select
    c.organization_id, c.channel, r.id, r.campaign_id, r.contact_id, r.created_at, {campaign_state} as state,
    {campaign_template} as template
from {raw}campaign_recipient r
join lake.raw.campaign c on c.id = r.campaign_id
left join ({campaign_email}) e on e.campaign_id = r.campaign_id and e.contact_id = r.contact_id
where {within:r.created_at}
