-- grain: one row: notices that have gathered long enough, messages that are due
select
    (select count(*) from alert.notice where planned_at is null and at <= %(gathered)s),
    (
        select count(*) from alert.message
        where status in ('gathering', 'trying') and due_at <= %(now)s
            and (lease_until is null or lease_until <= %(now)s)
    )
