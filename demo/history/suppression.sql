-- One row an address that must not be written to: after a bounce, drop or complaint, or by the link of an e-mail.
insert into messaging_suppression (id, channel, identifier, reason, created_at, organization_id)
select row_number() over (order by created_at, contact_id, reason), 'email', simulator.email(contact_id), reason, created_at,
    organization_id
from (
    (
        select distinct on (contact_id) contact_id, organization_id, failed_at as created_at, word.event as reason
        from simulator.message
        join simulator.words as word on word.id = message.text_id
        where message.channel = 'email' and status = 'failed'
        order by contact_id, failed_at, n
    )
    union all
    select contact_id, organization_id, happened_at, ''
    from simulator.unsubscribe
    where is_by_link
) as suppressed;
