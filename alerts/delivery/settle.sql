-- grain: a notice that was decided on
update alert.notice as notice
set planned_at = %(now)s, outcome = decided.outcome
from unnest(%(ids)s::bigint[], %(outcomes)s::text[]) as decided (id, outcome)
where notice.id = decided.id
