-- grain: one recipient of a campaign, read together with its e-mail
select
    'campaign' as source, r.id, c.channel, {campaign_state} as state, r.created_at, r.day, {campaign_template} as template,
    r.campaign_id
from {raw.campaign_recipient} r
join {raw.campaign} c on c.id = r.campaign_id
left join ({campaign_email}) e on e.campaign_id = r.campaign_id and e.contact_id = r.contact_id
