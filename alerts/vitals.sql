-- grain: one row; when organizations were last judged, what waits to be told, and messages that were given up
select
    (select extract(epoch from now() - max(evaluated_at))::float from alert.evaluation),
    (select count(*) from alert.notice where planned_at is null),
    (select count(*) from alert.message where status in ('gathering', 'trying')),
    (
        select extract(epoch from now() - min(since))::float
        from (
            select min(at) as since from alert.notice where planned_at is null
            union all
            select min(queued_at) from alert.message where status in ('gathering', 'trying')
        ) waiting
    ),
    (select count(*) from alert.message where status = 'trying' and last_error is not null),
    (select count(*) from alert.message where status = 'failed')
