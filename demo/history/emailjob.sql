-- One row an e-mail job, of a campaign or on its own; its counters drift as a campaign's do.
insert into messaging_emailjob (
    id, subject, body_html, body_text, status, total_recipients, sent_count, failed_count, skipped_count, excluded_count,
    error, attachments, created_at, updated_at, started_at, completed_at, organization_id, user_id, exclusions,
    template_id, footer_html, campaign_id
)
select batch.job_id, case when batch.kind = 'campaign' then 'News from us' else 'Your documents' end,
    '<p>Hello</p>', 'Hello',
    case when waiting > 0 then 'sending' when failed > target * 0.6 then 'failed' else 'completed' end,
    target, sent, failed + floor(failed * 0.04 * simulator.unit(batch.n, 414))::int, skipped, 0,
    case when failed > target * 0.6 then 'Most recipients failed' else '' end, '[]'::jsonb,
    batch.started_at - interval '1 minute', ended_at, batch.started_at,
    case when waiting = 0 then ended_at end, batch.organization_id,
    (select min(user_id) from organizations_membership as member
        where member.organization_id = batch.organization_id and role <> 'viewer'),
    '[]'::jsonb, null, '', batch.campaign_id
from simulator.batch
join simulator.batch_count using (job_id)
order by job_id;
