"""What the platform's rows mean, as SQL on its own tables, for tests that compare figures with it.

Belongs here: what several tests hold against. Does not: the product's own verification (warehouse/verify).
"""

TELEGRAM_STATUS = "case when status = '' and telegram_message_id <> '' then 'sent' else status end"
"""Of a Telegram message: Telegram gave it an id, so it was sent, whether or not the platform has noted that yet."""

CAMPAIGN_RECIPIENTS = """
    select r.id, r.campaign_id, r.contact_id, r.created_at,
        case
            when r.status = 'unsubscribed' or m.status is null or m.status = 'skipped' then r.status
            when r.status = 'failed' then m.status
            else ranks[greatest(array_position(ranks, r.status::text), array_position(ranks, m.status::text))]
        end as status,
        case when m.status = 'failed' then m.error else r.error_message end as error_message
    from messaging_campaignrecipient r
    cross join (values (array['queued', 'sent', 'failed', 'delivered', 'read'])) as ranked (ranks)
    left join lateral (
        select e.status, e.error from messaging_emailrecipient e join messaging_emailjob j on j.id = e.job_id
        where j.campaign_id = r.campaign_id and e.contact_id = r.contact_id order by e.id desc limit 1) m on true"""
"""Campaign recipients by the further of what they and the last e-mail to them say; a failure that the e-mail no longer
has was undone by a retry."""
