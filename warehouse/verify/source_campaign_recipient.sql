-- grain: one campaign recipient since {from}, its state read together with the last e-mail that a job of its campaign has
-- for the contact. The platform moves a campaign recipient by SendGrid's callbacks alone; sends, refusals and retries
-- are written to the e-mail alone.
select r.id, campaign.organization_id, r.campaign_id, r.contact_id, r.created_at, campaign.channel,
    case
        when own.status in ('unsubscribed', 'read') or mail.status is null then own.status
        when own.status = 'failed' or mail.status = 'read' then mail.status
        when own.status = 'delivered' or mail.status = 'failed' then case own.status when 'delivered' then 'delivered' else 'failed' end
        when 'sent' in (own.status, mail.status) then 'sent'
        else 'queued'
    end as state
from {schema}.messaging_campaignrecipient as r
join {schema}.messaging_campaign as campaign on campaign.id = r.campaign_id
cross join lateral (
    select case when lower(btrim(r.status, {blanks})) in ('sent', 'delivered', 'read', 'failed', 'unsubscribed')
        then lower(btrim(r.status, {blanks})) else 'queued' end as status
) as own
left join (
    select distinct on (job.campaign_id, e.contact_id) job.campaign_id, e.contact_id,
        case lower(btrim(e.status, {blanks})) when 'sent' then 'sent' when 'read' then 'read' when 'failed' then 'failed'
            when 'skipped' then null else 'queued' end as status
    from {schema}.messaging_emailrecipient as e
    join {schema}.messaging_emailjob as job on job.id = e.job_id
    where job.campaign_id is not null and e.contact_id is not null
    order by job.campaign_id, e.contact_id, e.id desc
) as mail on mail.campaign_id = r.campaign_id and mail.contact_id = r.contact_id
where r.created_at >= {from}
